"""Training steps of Keras models: in two halves, or on a tape where that can't be."""

import gc
import weakref

import numpy
import pytest

from thinc.api import TensorFlowWrapper, fix_random_seed
from thinc.shims import tensorflow_calls, tensorflow_halves
from thinc.shims.tensorflow_calls import run_on_tape

tensorflow = pytest.importorskip("tensorflow", reason="TensorFlow is not installed")
import keras  # noqa: E402
from shims.keras_networks import RNG, floats, functional, sequential  # noqa: E402
from shims.one_step import check_one_step  # noqa: E402

layers = keras.layers


@keras.saving.register_keras_serializable("tests")
class Shifted(keras.Model):
    """It has a weight of its own, and `call` takes no `training`."""

    def __init__(self, **options):
        super().__init__(**options)
        self.shift, self.dense = self.add_weight(shape=(3,)), layers.Dense(2)

    def call(self, X):
        return self.dense(X + self.shift)


def half_precision():
    return keras.Sequential([keras.Input((3,)), layers.Dense(8, "tanh", dtype="mixed_float16"), layers.Dense(2)])


def recurrent():
    return keras.Sequential(
        [keras.Input((None, 3)), layers.Conv1D(4, 2), layers.LSTM(5, dropout=0.1), layers.BatchNormalization()]
    )


def embedded():
    ids = keras.Input((None,), dtype="int32")
    vectors = layers.Embedding(20, 4)(ids)
    return keras.Model(ids, layers.MultiHeadAttention(2, 2)(vectors, vectors))


BATCHES = {
    sequential: lambda: floats(6, 3),
    Shifted: lambda: floats(6, 3),
    half_precision: lambda: floats(6, 3),
    functional: lambda: (floats(6, 3), floats(6, 4)),
    recurrent: lambda: floats(6, 7, 3),
    embedded: lambda: RNG.integers(0, 20, (6, 7)).astype("i"),
}


def as_tuple(value):
    return tuple(value) if isinstance(value, (list, tuple)) else (value,)


def step(model, X):
    """All that comes out of a step, and what it leaves behind."""
    Y, backprop = model.begin_update(X)
    dY = tuple(numpy.ones_like(y) for y in as_tuple(Y))
    dX = backprop(dY if isinstance(Y, (list, tuple)) else dY[0])
    shim = model.shims[0]
    return [*as_tuple(Y), *as_tuple(dX), *shim.read_grads().values(), *shim.read().values()]


def assert_equal_steps(first, second, tolerance):
    for mine, other in zip(first, second, strict=True):
        assert mine.shape == other.shape and numpy.allclose(mine, other, atol=tolerance)


@pytest.mark.parametrize("make", BATCHES)
def test_a_step_in_two_halves_is_that_of_an_eager_tape(make, monkeypatch):
    X = BATCHES[make]()
    halved = TensorFlowWrapper(make()).initialize(X=X)
    taped, tapes = halved.copy(), []
    taped.shims[0]._run._is_eager = True
    monkeypatch.setattr(tensorflow_calls, "run_on_tape", lambda *args: tapes.append(1) or run_on_tape(*args))
    tolerance = 4e-3 if make is half_precision else 2e-5
    shorter = tuple(x[:4] for x in X) if isinstance(X, tuple) else X[:4]
    for batch in (X, X, shorter):
        assert_equal_steps(step(halved, batch), step(taped, batch), tolerance)

    assert len(tapes) == 3  # all of them of the second model


def test_a_model_that_does_more_than_compute_is_taped():
    class Counting(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense, self.calls = layers.Dense(2), tensorflow.Variable(0, trainable=False)

        def call(self, X, training=False):
            if training:
                self.calls.assign_add(1)
            return self.dense(X)

    net, X = Counting(), floats(4, 3)
    model = TensorFlowWrapper(net).initialize(X=X)
    for _ in range(3):
        Y, backprop = model.begin_update(X)
        dX = backprop(numpy.ones_like(Y))

    assert int(net.calls) == 3 and not model.shims[0]._run._is_eager
    assert numpy.allclose(dX, numpy.broadcast_to(numpy.asarray(net.dense.kernel).sum(axis=1), X.shape), atol=1e-6)


def test_the_graph_of_the_whole_step_is_let_go(monkeypatch):
    made = []

    class Step(tensorflow_halves._Step):
        def __init__(self, *args):
            super().__init__(*args)
            made.append(weakref.ref(self))

    monkeypatch.setattr(tensorflow_halves, "_Step", Step)
    model = TensorFlowWrapper(sequential())
    _, backprop = model.begin_update(floats(6, 3))
    gc.collect()

    assert [each() for each in made] == [None]
    assert backprop(floats(6, 2)).shape == (6, 3)


def test_a_model_that_sets_trained_weights_is_taped():
    net = keras.Sequential([keras.Input((3,)), layers.SpectralNormalization(layers.Dense(4, activation="tanh"))])
    traced, X, before = TensorFlowWrapper(net), floats(5, 3), numpy.asarray(net.layers[0].layer.kernel).copy()
    eager = traced.copy()
    eager.shims[0]._run._is_eager = True
    for _ in range(2):
        assert_equal_steps(step(traced, X), step(eager, X), 2e-5)

    assert not traced.shims[0]._run._is_eager
    assert not numpy.allclose(net.layers[0].layer.kernel, before)


def test_a_single_weight_can_be_frozen_after_the_first_step():
    net = keras.Sequential([keras.Input((3,)), layers.Dense(4), layers.Dense(2)])
    model, X = TensorFlowWrapper(net), floats(5, 3)
    step(model, X)
    shim, names = model.shims[0], ["0.kernel", "1.bias", "2.kernel", "3.bias"]
    for is_trained in (False, True, False):
        net.layers[0].kernel.trainable = is_trained
        Y, backprop = model.begin_update(X)
        backprop(numpy.ones_like(Y))
        grads, weights = shim.read_grads(), shim.read()
        assert list(grads) == names[1 - is_trained :]
        assert all(grads[name].shape == weights[name].shape for name in grads)
        assert numpy.allclose(grads["1.bias"], 5 * numpy.asarray(weights["2.kernel"]).sum(axis=1), atol=1e-5)
        assert model.copy().shims[0].param_names() == list(grads)


def test_training_has_a_trace_for_the_first_lengths_and_one_for_others():
    shapes = []

    class Counting(keras.Model):
        def call(self, X):
            shapes.append(tuple(X.shape))
            return X * 2

    model = TensorFlowWrapper(Counting()).initialize(X=floats(1, 3))
    del shapes[:]
    for rows in (4, 2, 4, 3, 4):
        model.begin_update(floats(rows, 3))

    assert set(shapes) == {(4, 3), (None, 3)} and shapes[-1] == (None, 3)


def test_a_rate_changed_later_counts_after_retrace():
    net = keras.Sequential([keras.Input((50,)), layers.Dropout(0.5)])
    model, X = TensorFlowWrapper(net), numpy.ones((20, 50), "f")
    model.begin_update(X)
    net.layers[0].rate = 0.0
    model.shims[0].retrace()

    assert numpy.array_equal(model.begin_update(X)[0], X)


def test_writes_between_the_passes_change_no_gradient():
    def aligned(*shape):
        space = numpy.zeros(4 * numpy.prod(shape) + 64, "uint8")
        start = -space.ctypes.data % 64
        return space[start:][: 4 * numpy.prod(shape)].view("f").reshape(shape)

    model = TensorFlowWrapper(Shifted()).initialize(X=floats(1, 3))
    X, dY = aligned(4, 3), aligned(4, 2)
    X[:], dY[:] = 1, 1
    _, backprop = model.begin_update(X)
    X[:] = 100
    dX = backprop(dY)
    kept = dX.copy()
    dY[:] = 100
    grads = model.shims[0].read_grads()

    assert numpy.array_equal(dX, kept) and numpy.allclose(list(grads.values())[2], 4)
    shift = next(numpy.asarray(value) for value in model.shims[0].read().values())
    assert numpy.allclose(list(grads.values())[1], 4 * (1 + shift[:, None]), atol=1e-5)


def test_one_model_in_two_layers_makes_one_step():
    net = keras.Sequential([keras.Input((3,)), layers.Dense(5)])
    check_one_step(TensorFlowWrapper(net), TensorFlowWrapper(net), floats(4, 3), 5)


def test_a_seed_repeats_the_masks_of_models_that_were_there_before():
    def net():
        return TensorFlowWrapper(keras.Sequential([keras.Input((50,)), layers.Dropout(0.5)]))

    models, X, made = [net(), net()], numpy.ones((4, 50), "f"), []
    for seed in (3, 3, 4):
        fix_random_seed(seed)
        made.append([model.begin_update(X)[0] for _ in range(2) for model in models])

    assert numpy.array_equal(made[0], made[1]) and not numpy.array_equal(made[0], made[2])
    assert len({each.tobytes() for each in made[0]}) == 4  # each model and each call has its own


def test_shims_of_one_model_get_their_seeds_in_one_order(monkeypatch):
    net, order = keras.Sequential([keras.Input((5,)), layers.Dropout(0.5)]), []
    models = [TensorFlowWrapper(net) for _ in range(30)]
    monkeypatch.setattr(type(models[0].shims[0]), "reseed", lambda shim, seed: order.append(shim.id))
    fix_random_seed(3)

    assert order == sorted(order) and {model.shims[0].id for model in models} <= set(order)
