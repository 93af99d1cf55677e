"""Run by a process of its own for each backend of Keras: layers with `stateful=True`, layers frozen later."""

import copy

import keras
import numpy
import pytest

from thinc.api import SGD, Adam, KerasWrapper
from thinc.errors import LoadError
from thinc.serialization.packing import dumps, loads

# NumPy 2 warns where Keras copies a model.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
layers, RNG = keras.layers, numpy.random.default_rng(0)
FIRST, SECOND = (RNG.normal(size=(4, steps, 3)).astype("f") for steps in (5, 5))


def network(n_sequences=4, stateful=True):
    options = {"stateful": stateful}
    keras.utils.set_random_seed(int(RNG.integers(1000)))
    return keras.Sequential(
        [
            keras.Input(batch_shape=(n_sequences, None, 3)),
            layers.LSTM(5, return_sequences=True, **options),
            layers.Bidirectional(layers.GRU(4, **options)),
            layers.BatchNormalization(),
            layers.Dense(2),
        ]
    )


def twin(net):
    """Another network of the same weights."""
    other = network()
    other.set_weights(net.get_weights())
    return other


def arrays(shim):
    return {name: shim.framework.give(value).copy() for name, value in shim.read().items()}


def test_each_call_goes_on_where_the_last_one_stopped():
    net = network()
    alone, model = twin(net), KerasWrapper(net)
    for X, is_train in ((FIRST, False), (SECOND, False), (FIRST, True), (SECOND, False)):
        wanted = keras.ops.convert_to_numpy(alone(X, training=is_train))
        assert numpy.allclose(model(X, is_train=is_train)[0], wanted, atol=1e-4)
    model.shims[0].reset_states()
    for layer in alone.layers:
        if hasattr(layer, "reset_states"):
            layer.reset_states()
    assert numpy.allclose(model.predict(FIRST), keras.ops.convert_to_numpy(alone(FIRST)), atol=1e-5)


def test_states_are_in_files_and_copies_and_have_no_gradients():
    model = KerasWrapper(network()).initialize(X=FIRST)
    shim = model.shims[0]
    assert len(shim.state_names()) == 4 and not any(arrays(shim)[name].any() for name in shim.state_names())
    optimizer = Adam(0.01)
    for X in (FIRST, SECOND):
        Y, backprop = model.begin_update(X)
        backprop(numpy.ones_like(Y))
        model.finish_update(optimizer)
    assert not set(shim.state_names()) & {name for _, name in optimizer.averages}
    restored = KerasWrapper(network()).from_bytes(model.to_bytes())
    copies = [restored, model.copy(), copy.deepcopy(model)]
    assert all(other.to_bytes() == model.to_bytes() for other in copies)
    wanted = model.predict(FIRST)
    assert all(numpy.array_equal(other.predict(FIRST), wanted) for other in copies)
    model.predict(SECOND)
    assert copies[0].to_bytes() == copies[1].to_bytes() != model.to_bytes()
    shim.to_device("cpu", -1)
    restored.from_bytes(model.to_bytes())
    assert numpy.array_equal(restored.predict(FIRST), model.predict(FIRST))


def test_states_of_another_number_of_sequences_start_anew():
    model, one, none = (KerasWrapper(network(*options)) for options in ((4,), (1,), (None, False)))
    model.predict(FIRST)
    one.from_bytes(model.to_bytes())
    none.from_bytes(model.to_bytes())
    assert not any(arrays(one.shims[0])[name].any() for name in one.shims[0].state_names())
    alone = none.predict(SECOND)
    rows = [one.predict(SECOND[:1])[0]]
    one.from_bytes(none.to_bytes())  # a file without states
    rows.append(one.predict(SECOND[:1])[0])
    assert all(numpy.allclose(row, alone[0], atol=1e-5) for row in rows)
    rows = loads(model.shims[0].to_bytes())["tensors"]
    name, kind, shape, data = next(row for row in rows if row[0].endswith("rnn_state"))
    damaged = [[name, kind, [n, *shape[1:]], data] for n in (-1, "4", True, [4], 2**40)]
    damaged += [[name, wrong, shape, data] for wrong in ("float64", "int32", "no dtype", None)]
    damaged += [[each, kind, shape, wrong] for each in (name, "99.rnn_state") for wrong in (data[:-1], None, [1])]
    for wrong in ([5, "float32", [4, 5], b""], ["14.rnn_state"], None, *damaged):
        bad = loads(model.shims[0].to_bytes()) | {"tensors": [row for row in rows if row[0] != name] + [wrong]}
        before = one.to_bytes()
        with pytest.raises(LoadError):
            one.shims[0].from_bytes(dumps(bad))
        assert one.to_bytes() == before


def test_another_number_of_sequences_is_refused():
    model = KerasWrapper(network())
    model.predict(FIRST)
    for is_train in (False, True):
        with pytest.raises(ValueError, match="batch size|shape|sizes"):
            model(FIRST[:3], is_train=is_train)


def dense():
    return keras.Sequential([keras.Input((3,)), layers.Dense(4), layers.BatchNormalization(), layers.Dense(2)])


def test_layers_can_be_frozen_and_unfrozen_after_wrapping():
    net = dense()
    model, X = KerasWrapper(net), RNG.normal(size=(8, 3)).astype("f") + 2
    shim, optimizer = model.shims[0], SGD(0.1)

    def changed():
        before = arrays(shim)
        Y, backprop = model.begin_update(X)
        backprop(numpy.ones_like(Y) * numpy.arange(16).reshape(8, 2))
        model.finish_update(optimizer)
        return [place for place, (name, value) in enumerate(arrays(shim).items()) if (value != before[name]).any()]

    every = changed()
    net.layers[0].trainable = False
    assert changed() == [place for place in every if place > 1]
    net.layers[1].trainable = False  # its statistics stay too, and are used
    assert changed() == every[-2:] and numpy.allclose(model.begin_update(X)[0], model.predict(X), atol=1e-5)
    restored = KerasWrapper(dense()).from_bytes(model.to_bytes())
    assert numpy.array_equal(restored.predict(X), model.predict(X))
    net.layers[0].trainable = net.layers[1].trainable = True
    assert changed() == every
