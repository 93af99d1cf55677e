"""Keras models as layers: gradients, traces, modes, files, copies, the other backends."""

from concurrent.futures import ThreadPoolExecutor

import numpy
import pytest

from thinc.api import (
    Adam,
    Linear,
    TensorFlowShim,
    TensorFlowWrapper,
    chain,
    fix_random_seed,
    keras_model_fns,
    keras_subclass,
    maybe_handshake_model,
    tensorflow2xp,
    xp2tensorflow,
)

tensorflow = pytest.importorskip("tensorflow", reason="TensorFlow is not installed")
import keras  # noqa: E402
from shims.keras_networks import RNG, Subclassed, floats, functional, sequential  # noqa: E402

layers = keras.layers


def test_outputs_and_gradients_equal_an_eager_tape():
    net, X, dY = (
        keras.Sequential([keras.Input((3,)), layers.Dense(8, "tanh"), layers.Dense(2)]),
        floats(5, 3),
        floats(5, 2),
    )
    x = tensorflow.constant(X)
    with tensorflow.GradientTape() as tape:
        tape.watch(x)
        y = net(x, training=True)
    expected = tape.gradient(y, [x, *(v.value for v in net.trainable_variables)], output_gradients=dY)
    model = TensorFlowWrapper(net)
    Y, backprop = model.begin_update(X)
    dX = backprop(dY)

    assert numpy.allclose(Y, y, atol=1e-6) and numpy.allclose(dX, expected[0], atol=1e-6)
    grads = model.shims[0].read_grads()
    assert list(grads) == ["0.kernel", "1.bias", "2.kernel", "3.bias"]
    assert all(numpy.allclose(a, b, atol=1e-6) for a, b in zip(grads.values(), expected[1:]))


def test_several_inputs_and_outputs():
    model, X = TensorFlowWrapper(functional()), (floats(6, 3), floats(6, 4))
    (Y1, Y2), backprop = model.begin_update(X)
    dX = backprop((numpy.ones_like(Y1), None))

    assert Y1.shape == (6, 2) and Y2.shape == (6, 1)
    assert dX[0].shape == (6, 3) and dX[1].shape == (6, 4)
    grads = model.shims[0].read_grads()
    assert numpy.any(grads["4.kernel"]) and not numpy.any(grads["6.kernel"])  # the second output had no gradient


def test_statistics_dropout_and_seeds():
    model, X = TensorFlowWrapper(sequential()), floats(64, 3) + 3
    before = model.predict(X)
    assert numpy.array_equal(model.predict(X), before)
    first, second = model.begin_update(X)[0], model.begin_update(X)[0]

    assert not numpy.array_equal(first, second)
    assert not numpy.array_equal(model.predict(X), before)  # the moving averages moved
    restored = TensorFlowWrapper(sequential()).from_bytes(model.to_bytes())
    assert numpy.array_equal(restored.predict(X), model.predict(X))
    assert numpy.array_equal(restored.begin_update(X)[0], model.begin_update(X)[0])  # the seeds too


def test_seed_repeats_new_weights():
    made = []
    for _ in range(2):
        fix_random_seed(4)
        made.append(TensorFlowWrapper(Subclassed()).initialize(X=floats(2, 3)).shims[0].read())

    assert all(numpy.array_equal(made[0][name], made[1][name]) for name in made[0])


def test_a_trace_serves_all_batch_sizes_and_times():
    calls = []

    class Counting(keras.Model):
        def call(self, X):
            calls.append(X.shape)
            return X * 2

    model = TensorFlowWrapper(Counting())
    for rows in (2, 5, 7):
        model.predict(floats(rows, 3))
    assert [tuple(shape) for shape in calls] == [(2, 3), (None, 3)]  # the first builds the model
    del calls[:]
    for time in (4, 6, 9):
        model.predict(floats(2, time, 3))

    assert [tuple(shape) for shape in calls] == [(None, 4, 3), (None, None, 3)]


def test_a_model_that_cant_be_traced_runs_eagerly():
    class Python(keras.Model):
        def call(self, X):
            return X * (2.0 if float(tensorflow.reduce_sum(X)) > 0 else -1.0)

    model, X = TensorFlowWrapper(Python()), numpy.ones((2, 3), "f")
    Y, backprop = model.begin_update(X)

    assert numpy.array_equal(Y, X * 2) and numpy.array_equal(backprop(X), X * 2)
    assert numpy.array_equal(model.predict(-X), X)


def test_mistakes_of_the_user_are_not_hidden():
    model = TensorFlowWrapper(sequential())
    with pytest.raises(ValueError, match="incompatible"):
        model.predict(floats(2, 5))
    model.predict(floats(2, 3))

    assert not model.shims[0]._run._is_eager


def test_lstm_and_embedding():
    net = keras.Sequential([keras.Input((None,), dtype="int32"), layers.Embedding(20, 6), layers.LSTM(5)])
    model, ids = TensorFlowWrapper(net), RNG.integers(0, 20, (4, 7)).astype("i")
    Y, backprop = model.begin_update(ids)
    dX = backprop(numpy.ones_like(Y))

    assert dX.shape == ids.shape and not dX.any()
    assert model.shims[0].read_grads()["0.embeddings"].shape == (20, 6)
    assert numpy.allclose(Y, net(ids), atol=1e-6)


def test_frozen_layers_stay():
    net = sequential()
    net.layers[0].trainable = False
    model, optimizer = TensorFlowWrapper(net), Adam(0.1)
    before = {name: tensorflow2xp(value).copy() for name, value in model.shims[0].read().items()}
    model.begin_update(floats(8, 3))[1](floats(8, 2))
    model.finish_update(optimizer)
    changed = {name for name, value in model.shims[0].read().items() if not numpy.array_equal(value, before[name])}

    assert not changed & {"0.kernel", "1.bias"} and {"2.gamma", "7.kernel"} <= changed
    assert (model.shims[0].id, "0.kernel") not in optimizer.mom1


def test_a_chain_with_native_layers_learns():
    X = floats(64, 3)
    Y = numpy.stack([X[:, 0] * X[:, 1], X.sum(axis=1)], axis=1)
    net = keras.Sequential([keras.Input((8,)), layers.Dense(8, "tanh")])
    model = chain(Linear(8, 3), TensorFlowWrapper(net), Linear(2, 8)).initialize(X, Y)
    optimizer, losses = Adam(0.02), []
    for _ in range(150):
        guesses, backprop = model.begin_update(X)
        losses.append(float(((guesses - Y) ** 2).mean()))
        backprop((guesses - Y) / len(X))
        model.finish_update(optimizer)
    averaged = None
    with pytest.raises(RuntimeError), model.use_params(optimizer.averages):
        averaged = model.predict(X).copy()
        raise RuntimeError

    assert losses[-1] < 0.2 * losses[0] and not numpy.array_equal(averaged, model.predict(X))


@pytest.mark.parametrize("make", [sequential, Subclassed])
def test_a_copy_learns_alone(make):
    model, X = TensorFlowWrapper(make()).initialize(X=floats(2, 3)), floats(8, 3)
    before = model.predict(X).copy()
    other = model.copy()
    assert numpy.array_equal(other.predict(X), before)
    assert other.to_bytes() == model.to_bytes()  # the seeds of dropout too
    other.begin_update(X)[1](floats(8, 2))
    other.finish_update(Adam(0.1))

    assert numpy.array_equal(model.predict(X), before) and not numpy.array_equal(other.predict(X), before)


def test_keras_subclass_registers_and_builds():
    X, Y = floats(4, 3), floats(4, 2)

    @keras_subclass("tests.registered", X, Y, input_shape=(3,), compile_args={"loss": "mae"})
    class Registered(keras.Model):
        def __init__(self, width=6):
            super().__init__()
            self.out = layers.Dense(2)

        def call(self, X):
            return self.out(X)

    made = keras_model_fns.get("tests.registered")(width=3)

    assert made.catalogue_name == "tests.registered" and made.eg_args.kwargs == {"width": 3}
    assert made.eg_compile == {"optimizer": "adam", "loss": "mae"} and made.eg_shape == (3,)
    assert TensorFlowWrapper(made).predict(X).shape == (4, 2)
    assert maybe_handshake_model(made) is made and made.built
    with pytest.raises(ValueError, match="JSON"):
        Registered(width=object())


def test_only_keras_models_are_taken():
    with pytest.raises(ValueError, match="keras.Model"):
        TensorFlowWrapper(lambda X: X)
    with pytest.raises(ValueError, match="keras_subclass"):
        maybe_handshake_model(object())


def test_converters_of_the_published_kind_work():
    def convert_outputs(model, output, is_train):
        return tensorflow2xp(output), xp2tensorflow

    net, X, dY = sequential(), floats(4, 3), floats(4, 2)
    net.layers[2].rate = 0.0
    model, plain = TensorFlowWrapper(net, convert_outputs=convert_outputs), TensorFlowWrapper(net)

    assert numpy.allclose(model.begin_update(X)[1](dY), plain.begin_update(X)[1](dY), atol=1e-6)


def test_str_is_the_summary():
    assert "Total params" in str(TensorFlowShim(sequential()))


def test_a_failed_call_leaves_the_traces_as_they_were():
    class Steps(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(2)

        def call(self, X):
            return sum(self.dense(X[:, i]) for i in range(X.shape[1]))

    model, X = TensorFlowWrapper(Steps()), floats(2, 4, 3)
    before = model.predict(X)
    with pytest.raises(Exception, match="shape"):
        model.predict(floats(2, 5, 4))
    longer = numpy.concatenate([X, X], axis=1)
    assert numpy.allclose(model.predict(longer), 2 * before, atol=1e-5)
    assert numpy.allclose(model.predict(X), before, atol=1e-5)


def test_a_layer_frozen_later_computes_as_frozen():
    inner = keras.Sequential([keras.Input((3,)), layers.BatchNormalization(center=False, scale=False)])
    model, X = TensorFlowWrapper(inner), floats(8, 3) + 2
    model.begin_update(X)
    inner.layers[0].trainable = False
    before = model.shims[0].to_bytes()
    Y, _ = model.begin_update(X)
    assert numpy.allclose(Y, model.predict(X), atol=1e-6)
    assert model.shims[0].to_bytes() == before


def test_plain_numbers_among_the_inputs_leave_a_bounded_number_of_traces(monkeypatch):
    class Scaled(keras.Model):
        def call(self, X, factor):
            return X * factor

    monkeypatch.setattr("thinc.shims.tensorflow_calls.MOST_TRACES", 3)
    model, X = TensorFlowWrapper(Scaled()), floats(2, 3)
    for factor in (1.0, 2.0, 3.0, 4.0, 5.0, 1.0):
        assert numpy.array_equal(model.predict((X, factor)), X * numpy.float32(factor))
    assert len(model.shims[0]._run._functions) == 3


def test_threads_widen_a_trace_together():
    model = TensorFlowWrapper(keras.Sequential([keras.Input((None, None, 3)), layers.Dense(4)]))

    def predict(i):
        return model.predict(floats_of(i)).shape

    def floats_of(i):
        return numpy.ones((2, 2 + i % 3, 2 + i % 4, 3), "f")

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(predict, range(24))) == [(*floats_of(i).shape[:3], 4) for i in range(24)]
