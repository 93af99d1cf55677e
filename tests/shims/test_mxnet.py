"""Gluon blocks as layers: gradients, modes, memory, files, copies, hybridized blocks."""

from concurrent.futures import ThreadPoolExecutor

import numpy
import pytest
from shims.one_step import check_one_step

from thinc.api import SGD, Adam, Linear, Model, MXNetWrapper, chain, fix_random_seed, mxnet2xp, xp2mxnet
from thinc.errors import BackpropError, LoadError, MissingFrameworkError, UnsetError
from thinc.shims.mxnet import MXNetShim
from thinc.shims.mxnet_import import import_mxnet

try:
    mxnet = import_mxnet()
except MissingFrameworkError as error:
    pytest.skip(f"MXNet is not here: {error}", allow_module_level=True)
from shims.mxnet_networks import RNG, floats, gluon, mlp, network  # noqa: E402


def test_outputs_and_gradients_equal_gluon():
    block, X, dY = mlp(), floats(5, 3), floats(5, 2)
    x = xp2mxnet(X)
    x.attach_grad()
    with mxnet.autograd.record():
        y = block(x)
    y.backward(xp2mxnet(dY))
    expected = {
        name: p.grad().asnumpy() for name, p in block._collect_params_with_prefix().items() if p.grad_req != "null"
    }

    model = MXNetWrapper(block)
    Y, backprop = model.begin_update(X)
    dX = backprop(dY)

    assert numpy.array_equal(Y, y.asnumpy()) and numpy.array_equal(dX, x.grad.asnumpy())
    grads = {name: grad.asnumpy() for name, grad in model.shims[0].read_grads().items()}
    assert grads.keys() == expected.keys()
    assert all(numpy.array_equal(grads[name], expected[name]) for name in grads)


@pytest.mark.parametrize("hybridize", [False, True])
@pytest.mark.parametrize("static", [False, True])
def test_gradients_agree_with_finite_differences(hybridize, static):
    block = mlp("float64")
    if hybridize:
        block.hybridize(static_alloc=static, static_shape=static)
    model, X, dY = MXNetWrapper(block), RNG.normal(size=(4, 3)), RNG.normal(size=(4, 2))
    dX = model.begin_update(X)[1](dY)
    numeric = numpy.zeros_like(X)
    for i in numpy.ndindex(*X.shape):
        for sign in (1, -1):
            moved = X.copy()
            moved[i] += sign * 1e-6
            numeric[i] += sign * (model.begin_update(moved)[0] * dY).sum() / 2e-6

    assert numpy.abs(dX - numeric).max() <= 1e-4 * numpy.abs(numeric).max()


def test_gradients_accumulate_over_passes():
    X, dY = floats(6, 3), floats(6, 2)
    block = network(gluon.nn.Dense(2, in_units=3))
    whole = MXNetWrapper(block)
    parts = whole.copy()
    whole.begin_update(X)[1](dY)
    for rows in (slice(0, 2), slice(2, 6)):
        parts.begin_update(X[rows])[1](dY[rows])

    assert numpy.allclose(
        whole.shims[0].read_grads()["0.weight"].asnumpy(), parts.shims[0].read_grads()["0.weight"].asnumpy(), atol=1e-6
    )


def test_interleaved_passes_keep_their_own_gradients():
    model = MXNetWrapper(network(gluon.nn.Dense(2, in_units=3)))
    X1, X2, dY = floats(2, 3), floats(4, 3), floats(4, 2)
    _, back1 = model.begin_update(X1)
    _, back2 = model.begin_update(X2)
    dX2, dX1 = back2(dY), back1(dY[:2])
    W = model.shims[0].read()["0.weight"].asnumpy()

    assert numpy.allclose(dX1, dY[:2] @ W, atol=1e-6) and numpy.allclose(dX2, dY @ W, atol=1e-6)
    assert numpy.allclose(model.shims[0].read_grads()["0.weight"].asnumpy(), dY[:2].T @ X1 + dY.T @ X2, atol=1e-5)


def test_training_flags_and_caller_arrays_are_as_before():
    model, X, dY = (
        MXNetWrapper(network(gluon.nn.Dropout(0.5), gluon.nn.Dense(2, in_units=3))),
        floats(9, 3),
        floats(9, 2),
    )
    before = X.copy(), dY.copy()
    model.predict(X)
    model.begin_update(X)[1](dY)

    assert not mxnet.autograd.is_recording() and not mxnet.autograd.is_training()
    assert X.flags.writeable and dY.flags.writeable
    assert numpy.array_equal(X, before[0]) and numpy.array_equal(dY, before[1])


def test_dropout_runs_only_in_training():
    model, X = MXNetWrapper(network(gluon.nn.Dropout(0.5))), numpy.ones((20, 20), "f")

    assert numpy.array_equal(model.predict(X), X)
    assert (model.begin_update(X)[0] == 0).any()


def test_seed_repeats_dropout():
    model, X = MXNetWrapper(network(gluon.nn.Dropout(0.5))), numpy.ones((20, 20), "f")
    masks = []
    for _ in range(2):
        fix_random_seed(3)
        masks.append(model.begin_update(X)[0].copy())

    assert numpy.array_equal(*masks)


def test_batchnorm_statistics_are_learned_and_saved():
    model, X = MXNetWrapper(mlp()), floats(32, 3) + 5
    model.begin_update(X)[1](floats(32, 2))  # MXNet moves the averages in the backward pass
    restored = MXNetWrapper(mlp()).from_bytes(model.to_bytes())

    assert numpy.abs(model.shims[0].read()["1.running_mean"].asnumpy()).max() > 0
    assert numpy.array_equal(restored.predict(X), model.predict(X))


def test_frozen_parameters_stay():
    block = mlp()
    block[0].collect_params().setattr("grad_req", "null")
    model, X = MXNetWrapper(block), floats(8, 3)
    before = model.shims[0].read()["0.weight"].asnumpy()
    optimizer = Adam(0.1)
    model.begin_update(X)[1](floats(8, 2))
    model.finish_update(optimizer)

    assert numpy.array_equal(model.shims[0].read()["0.weight"].asnumpy(), before)
    assert (model.shims[0].id, "0.weight") not in optimizer.mom1
    assert (model.shims[0].id, "2.weight") in optimizer.mom1


def test_a_chain_with_native_layers_learns():
    X = floats(64, 3)
    Y = numpy.stack([X[:, 0] * X[:, 1], X.sum(axis=1)], axis=1)
    model = chain(Linear(3, 3), MXNetWrapper(mlp()), Linear(2, 2)).initialize(X, Y)
    optimizer, losses = Adam(0.02), []
    for _ in range(150):
        guesses, backprop = model.begin_update(X)
        losses.append(float(((guesses - Y) ** 2).mean()))
        backprop((guesses - Y) / len(X))
        model.finish_update(optimizer)
    with model.use_params(optimizer.averages):
        averaged = model.predict(X)

    assert losses[-1] < 0.2 * losses[0]
    assert not numpy.array_equal(averaged, model.predict(X))


def test_averages_are_taken_back_after_an_exception():
    model, X, optimizer = MXNetWrapper(mlp()), floats(8, 3), Adam(0.1)
    model.begin_update(X)[1](floats(8, 2))
    model.finish_update(optimizer)
    before = model.predict(X).copy()
    with pytest.raises(RuntimeError), model.use_params(optimizer.averages):
        raise RuntimeError

    assert numpy.array_equal(model.predict(X), before)


def test_lstm_over_time_equals_gluon():
    block = gluon.rnn.LSTM(5, input_size=3)
    block.initialize()
    model, X = MXNetWrapper(block), floats(7, 4, 3)
    Y, backprop = model.begin_update(X)

    assert Y.shape == (7, 4, 5) and numpy.array_equal(Y, block(xp2mxnet(X)).asnumpy())
    assert backprop(floats(7, 4, 5)).shape == X.shape
    assert set(model.shims[0].read_grads()) == set(model.shims[0].read())


def test_tied_parameters_are_saved_and_updated_once():
    shared = gluon.nn.Dense(3, in_units=3, use_bias=False)
    block = network(shared, gluon.nn.Dense(3, in_units=3, use_bias=False, params=shared.params))
    model, calls = MXNetWrapper(block), []
    model.begin_update(floats(2, 3))[1](floats(2, 3))
    model.finish_update(lambda key, weights, grad: (calls.append(key), (weights, grad))[1])

    assert calls == [(model.shims[0].id, "0.weight")] and set(model.shims[0].read()) == {"0.weight"}


@pytest.mark.parametrize("hybridize", [False, True])
def test_a_copy_learns_alone(hybridize):
    block, X = mlp(), floats(8, 3)
    if hybridize:
        block.hybridize()
    model = MXNetWrapper(block)
    before = model.predict(X).copy()
    other = model.copy()
    other.begin_update(X)[1](floats(8, 2))
    other.finish_update(Adam(0.1))

    assert other.shims[0].id != model.shims[0].id and len(other.shims[0].read_grads()) == 0
    assert numpy.array_equal(model.predict(X), before)
    assert not numpy.array_equal(other.predict(X), before)


def test_sizes_become_known_in_initialize():
    block = gluon.nn.Dense(4)
    block.initialize()
    model = MXNetWrapper(block)
    with pytest.raises(UnsetError, match="weight.*initialize"):
        model.to_bytes()
    model.initialize(X=floats(2, 3))

    assert model.shims[0].read()["weight"].shape == (4, 3)


def test_a_file_for_other_sizes_changes_nothing():
    model, X = MXNetWrapper(mlp()), floats(2, 3)
    before = model.predict(X).copy()
    small = MXNetWrapper(network(gluon.nn.Dense(2, in_units=3)))
    with pytest.raises(LoadError):
        model.from_bytes(small.to_bytes())

    assert numpy.array_equal(model.predict(X), before)


def test_a_second_backprop_is_refused():
    model = MXNetWrapper(mlp())
    Y, backprop = model.begin_update(floats(2, 3))
    backprop(Y)
    with pytest.raises(BackpropError):
        backprop(Y)


def test_converters_of_the_published_kind_work():
    from thinc.types import ArgsKwargs

    def convert_outputs(model, inputs_outputs, is_train):
        output = inputs_outputs[1]
        return mxnet2xp(output), lambda dY: ArgsKwargs(args=((output,),), kwargs={"head_grads": [xp2mxnet(dY)]})

    block = network(gluon.nn.Dense(2, in_units=3))
    model, plain, X, dY = (
        MXNetWrapper(block, convert_outputs=convert_outputs),
        MXNetWrapper(block),
        floats(2, 3),
        floats(2, 2),
    )

    assert numpy.array_equal(model.begin_update(X)[1](dY), plain.begin_update(X)[1](dY))


def test_class_and_name_of_the_model_can_be_chosen():
    class Mine(Model):
        pass

    model = MXNetWrapper(mlp(), model_class=Mine, model_name="gluon")

    assert type(model) is Mine and model.name == "gluon" and isinstance(model.shims[0], MXNetShim)


@pytest.mark.parametrize("hybridize", [False, True])
def test_an_update_between_leaves_open_passes_right(hybridize):
    block = network(gluon.nn.Dense(2, in_units=3))
    if hybridize:
        block.hybridize(static_alloc=True, static_shape=True)
    model, X = MXNetWrapper(block), floats(4, 3)
    W = model.shims[0].read()["0.weight"].asnumpy()
    Y, backprop = model.begin_update(X)
    other, backprop_other = model.begin_update(2 * X)
    backprop_other(numpy.ones_like(other))
    model.finish_update(SGD(1.0))
    assert numpy.allclose(backprop(numpy.ones_like(Y)), numpy.broadcast_to(W.sum(axis=0), X.shape), atol=1e-5)


def test_one_block_in_two_layers_makes_one_step():
    block = network(gluon.nn.Dense(3, in_units=3))
    check_one_step(MXNetWrapper(block), MXNetWrapper(block), floats(4, 3), 3)


def test_gradients_of_two_layers_of_one_block_add_up_in_threads():
    X, block = numpy.ones((2, 3), "f"), network(gluon.nn.Dense(8, in_units=3), gluon.nn.Dense(2, in_units=8))
    layers = [MXNetWrapper(block) for _ in range(4)]

    def run(model):
        for _ in range(25):
            Y, backprop = model.begin_update(X)
            backprop(numpy.ones_like(Y))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(run, layers))
    assert mxnet2xp(layers[0].shims[0].read_grads()["1.bias"]).tolist() == [200, 200]
