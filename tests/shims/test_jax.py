"""Pure JAX functions and modules of Flax and Equinox as layers."""

import subprocess
import sys

import numpy
import pytest
from shims.arrays import LAYOUTS, zeros_and_ones

from thinc.api import (
    Adam,
    EquinoxWrapper,
    FlaxWrapper,
    JaxWrapper,
    Linear,
    chain,
    fix_random_seed,
    jax2xp,
    xp2jax,
)
from thinc.errors import BorderError, ContainerError, LoadError, MissingFrameworkError, ShapeError

jax = pytest.importorskip("jax", reason="JAX is not installed")
jnp = jax.numpy
RNG = numpy.random.default_rng(0)


def floats(*shape):
    return RNG.normal(size=shape).astype("f")


PARAMS = {"W": floats(2, 3), "b": floats(2)}


def dense(params, X):
    return jnp.tanh(X @ params["W"].T + params["b"])


def noisy(params, X, rng, is_train):
    mask = jax.random.bernoulli(rng, 0.5, X.shape)
    return X * mask * params["g"] if is_train else X * params["g"]


def counting(params, state, X, is_train):
    mean = X.mean(axis=0)
    return X - (mean if is_train else state["mean"]), {"mean": 0.5 * state["mean"] + 0.5 * mean, "n": state["n"] + 1}


def test_outputs_and_gradients_equal_jax():
    model, X, dY = JaxWrapper(dense, PARAMS), floats(5, 3), floats(5, 2)
    Y, backprop = model.begin_update(X)
    dX = backprop(dY)
    y, pull = jax.vjp(dense, PARAMS, X)
    d_params, d_X = pull(dY)
    grads = model.shims[0].read_grads()

    assert numpy.allclose(Y, y, atol=1e-6) and numpy.allclose(dX, d_X, atol=1e-6)
    assert numpy.allclose(grads["params['W']"], d_params["W"], atol=1e-5)
    assert numpy.allclose(grads["params['b']"], d_params["b"], atol=1e-5)


def test_layers_of_the_same_params_share_nothing_and_one_layer_twice_makes_one_step():
    params, X, calls = {"W": floats(3, 3), "b": floats(3)}, floats(5, 3), []
    first, second = JaxWrapper(dense, params), JaxWrapper(dense, params)
    before = second.predict(X)

    def note(key, W, dW):
        calls.append(key)
        return W - 0.1 * dW, dW

    both = chain(first, first)
    Y, backprop = both.begin_update(X)
    backprop(Y)
    both.finish_update(note)

    split = chain(first, second)
    split.freeze("chain[1]")
    split.begin_update(X)[1](Y)
    split.finish_update(note)

    assert calls[:2] == calls[2:] == [(first.shims[0].id, "params['W']"), (first.shims[0].id, "params['b']")]
    assert numpy.array_equal(second.predict(X), before) and not numpy.allclose(first.predict(X), before)


def test_gradients_add_up_and_are_forgotten():
    model, X, dY = JaxWrapper(dense, PARAMS), floats(5, 3), floats(5, 2)
    model.begin_update(X)[1](dY)
    once = model.shims[0].read_grads()
    for _ in range(2):
        model.begin_update(X)[1](dY)
    twice = model.shims[0].read_grads()

    assert numpy.allclose(twice["params['W']"], 2 * once["params['W']"], atol=1e-5)
    assert model.shims[0].read_grads() == {}


def test_keys_differ_between_calls_and_repeat_with_the_seed():
    model, X = JaxWrapper(noisy, {"g": numpy.float32(1)}), numpy.ones((20, 20), "f")
    fix_random_seed(1)
    first, second = model.begin_update(X)[0], model.begin_update(X)[0]
    fix_random_seed(1)

    assert not numpy.array_equal(first, second)
    assert numpy.array_equal(model.begin_update(X)[0], first)
    assert numpy.array_equal(model.predict(X), X)


def test_state_moves_in_training_alone_and_is_saved():
    state = {"mean": numpy.zeros(3, "f"), "n": 0}
    model, X = JaxWrapper(counting, {}, state), floats(6, 3) + 4
    before = model.predict(X)
    model.predict(X)
    assert numpy.array_equal(model.predict(X), before)
    model.begin_update(X)
    params, state = model.shims[0].tree()
    restored = JaxWrapper(counting, {}, {"mean": numpy.zeros(3, "f"), "n": 0}).from_bytes(model.to_bytes())

    assert int(state["n"]) == 1 and numpy.allclose(state["mean"], X.mean(axis=0) / 2, atol=1e-5)
    assert model.shims[0].param_names() == []
    assert numpy.array_equal(restored.predict(X), model.predict(X))


def test_leaves_without_gradient_are_kept():
    params = {"table": floats(4, 2), "ids": numpy.array([0, 2]), "scale": 2.0}
    model = JaxWrapper(lambda p, X: X * p["table"][p["ids"]].sum() * p["scale"], params)
    Y, backprop = model.begin_update(floats(3, 2))
    backprop(Y)

    assert set(model.shims[0].read_grads()) == {"params['scale']", "params['table']"}
    with pytest.raises(ContainerError, match=r"params\['name'\] is str"):
        JaxWrapper(dense, {"name": "x"})


def test_what_is_handed_back_no_longer_reads_the_input():
    model, X = JaxWrapper(lambda p, X: jnp.tanh(X @ p) @ p.T, floats(400, 400)), floats(600, 400)
    for _ in range(10):
        copy = X.copy()
        expected = model.predict(X).copy()
        Y = model.predict(copy)
        copy[:] = 0
        assert numpy.array_equal(Y, expected)


def test_each_kind_of_inputs_is_compiled_once():
    traced = []

    def apply(params, X, flag):
        traced.append(X.shape)
        return X * params if flag else X

    model = JaxWrapper(apply, numpy.float32(2))
    for flag in (True, False, True):
        for rows in (2, 3, 2):
            model.predict((floats(rows, 2), flag))

    assert len(traced) == 4


@pytest.mark.parametrize("buckets,compiled", [(True, [1, 2, 4, 8]), ([5, 20], [5, 20]), (None, [1, 2, 3, 5, 7])])
def test_buckets_bound_what_is_compiled(buckets, compiled):
    traced = []

    def apply(params, X):
        traced.append(len(X))
        return X @ params, X

    W = floats(3, 2)
    model, exact = JaxWrapper(apply, W, buckets=buckets), JaxWrapper(lambda p, X: X @ p, W)
    for rows in (1, 2, 3, 5, 7, 3):
        X, dY = floats(rows, 3), floats(rows, 2)
        (Y, _), backprop = model.begin_update(X)
        Y_exact, backprop_exact = exact.begin_update(X)
        assert numpy.allclose(Y, Y_exact, atol=1e-5)
        assert numpy.allclose(backprop((dY, None)), backprop_exact(dY), atol=1e-5)
    grads, exact_grads = model.shims[0].read_grads(), exact.shims[0].read_grads()

    assert sorted(traced) == compiled
    assert numpy.allclose(grads["params"], exact_grads["params"], atol=1e-4)


def test_buckets_want_one_number_of_rows():
    model = JaxWrapper(lambda p, X, Z: X @ p, floats(3, 2), buckets=True)
    with pytest.raises(ShapeError, match="same number of rows"):
        model.predict((floats(2, 3), floats(3, 3)))


def test_a_chain_with_native_layers_learns():
    X = floats(64, 3)
    Y = numpy.stack([X[:, 0] * X[:, 1], X.sum(axis=1)], axis=1)
    params = {"W": floats(8, 8) / 3, "b": numpy.zeros(8, "f")}
    model = chain(Linear(8, 3), JaxWrapper(dense, params), Linear(2, 8)).initialize(X, Y)
    optimizer, losses = Adam(0.02), []
    for _ in range(200):
        guesses, backprop = model.begin_update(X)
        losses.append(float(((guesses - Y) ** 2).mean()))
        backprop((guesses - Y) / len(X))
        model.finish_update(optimizer)
    with model.use_params(optimizer.averages):
        averaged = model.predict(X)

    assert losses[-1] < 0.2 * losses[0] and not numpy.array_equal(averaged, model.predict(X))


def test_wide_numbers_are_refused_where_jax_would_round_them():
    model = JaxWrapper(lambda p, X: X * p, numpy.float32(1))

    with pytest.raises(BorderError, match="jax_enable_x64"):
        model.predict(numpy.ones((2, 2)))
    with pytest.raises(BorderError, match="jax_enable_x64"):
        model.predict(numpy.array([2**40]))
    assert numpy.array_equal(model.predict(numpy.array([1, 2])), [1, 2])


def test_gradients_agree_with_finite_differences_in_float64():
    code = """
import jax, numpy
jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp
from thinc.api import JaxWrapper
from thinc.testing import check_gradient
rng = numpy.random.default_rng(0)
params = {"W": rng.normal(size=(2, 3)), "b": rng.normal(size=2)}
check_gradient(JaxWrapper(lambda p, X: jnp.tanh(X @ p["W"].T + p["b"]), params), rng.normal(size=(4, 3)))
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    "dtype", ["float16", "float32", "int8", "int16", "int32", "uint8", "uint16", "uint32", "bool", "complex64"]
)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_arrays_cross_both_ways(dtype, layout):
    array = zeros_and_ones(dtype, layout)
    back = jax2xp(xp2jax(array))

    assert back.dtype == array.dtype and back.shape == array.shape and numpy.array_equal(back, array)


def test_aligned_arrays_keep_their_memory():
    space = numpy.zeros(64 + 128, "uint8")
    start = -space.__array_interface__["data"][0] % 64
    array = space[start : start + 64].view("f").reshape(4, 4)

    assert jax2xp(xp2jax(array)).__array_interface__["data"][0] == array.__array_interface__["data"][0]


def test_bfloat16_parameters_are_saved_and_widened_outside():
    params = {"W": jnp.ones((3, 2), "bfloat16") / 3}
    model = JaxWrapper(lambda p, X: X.astype("bfloat16") @ p["W"], params)
    other = JaxWrapper(model.shims[0]._model, {"W": jnp.zeros((3, 2), "bfloat16")}).from_bytes(model.to_bytes())
    X = floats(2, 3)
    Y, backprop = other.begin_update(X)
    backprop(Y)
    other.finish_update(Adam(0.1))

    assert Y.dtype == "float32" and numpy.array_equal(Y, model.predict(X))
    assert other.shims[0].read()["params['W']"].dtype == "bfloat16"
    assert not numpy.array_equal(other.predict(X), Y)


def test_a_file_of_another_shape_changes_nothing():
    model, other = JaxWrapper(dense, PARAMS), JaxWrapper(dense, {"W": floats(3, 3), "b": floats(3)})
    before = model.to_bytes()
    with pytest.raises(LoadError):
        model.from_bytes(other.to_bytes())

    assert model.to_bytes() == before


def learns(model, X):
    """Whether 60 steps bring the outputs near a target; the model is saved and copied on the way."""
    target = numpy.stack([X[:, 0], X[:, 1] - X[:, 2]], axis=1)
    optimizer, losses = Adam(0.02), []
    for _ in range(60):
        Y, backprop = model.begin_update(X)
        losses.append(float(((Y - target) ** 2).mean()))
        assert backprop((Y - target) / len(X)).shape == X.shape
        model.finish_update(optimizer)
    assert numpy.array_equal(model.copy().predict(X), model.predict(X))
    return losses[-1] < 0.5 * losses[0]


def test_linen_with_statistics_and_dropout():
    linen = pytest.importorskip("flax.linen", reason="Flax is not installed")

    class Net(linen.Module):
        @linen.compact
        def __call__(self, X, train):
            X = linen.tanh(linen.Dense(16)(X))
            X = linen.BatchNorm(use_running_average=not train)(X)
            X = linen.Dropout(0.1, deterministic=not train)(X)
            return linen.Dense(2)(X)

    X = floats(32, 3)
    variables = Net().init(jax.random.key(0), X, train=False)
    model = FlaxWrapper(Net(), variables)
    assert learns(model, X)
    restored = FlaxWrapper(Net(), variables).from_bytes(model.to_bytes())

    assert numpy.array_equal(restored.predict(X), model.predict(X))
    assert "state['batch_stats']['BatchNorm_0']['mean']" in model.shims[0].read()
    with pytest.raises(ValueError, match="needs its variables"):
        FlaxWrapper(Net())


def test_nnx_with_statistics_and_dropout():
    nnx = pytest.importorskip("flax.nnx", reason="Flax is not installed")

    class Net(nnx.Module):
        def __init__(self, rngs):
            self.hidden = nnx.Linear(3, 16, rngs=rngs)
            self.norm = nnx.BatchNorm(16, rngs=rngs)
            self.dropout = nnx.Dropout(0.1, rngs=rngs)
            self.output = nnx.Linear(16, 2, rngs=rngs)

        def __call__(self, X):
            return self.output(self.dropout(self.norm(nnx.tanh(self.hidden(X)))))

    X, model = floats(32, 3), FlaxWrapper(Net(nnx.Rngs(0)))
    assert learns(model, X)
    restored = FlaxWrapper(Net(nnx.Rngs(1))).from_bytes(model.to_bytes())
    assert numpy.array_equal(restored.predict(X), model.predict(X))
    first, second = model.begin_update(X)[0], model.begin_update(X)[0]

    assert not numpy.array_equal(first, second)
    assert numpy.array_equal(restored.begin_update(X)[0], first)  # the keys are part of the state


@pytest.mark.parametrize("is_batched", [False, True])
def test_equinox(is_batched):
    equinox = pytest.importorskip("equinox", reason="Equinox is not installed")

    class Net(equinox.Module):
        hidden: equinox.nn.Linear
        dropout: equinox.nn.Dropout
        output: equinox.nn.Linear

        def __init__(self, key):
            keys = jax.random.split(key)
            self.hidden = equinox.nn.Linear(3, 16, key=keys[0])
            self.dropout = equinox.nn.Dropout(0.1)
            self.output = equinox.nn.Linear(16, 2, key=keys[1])

        def __call__(self, X, key=None):
            if not is_batched:
                return self.output(self.dropout(jnp.tanh(self.hidden(X)), key=key))
            X = self.dropout(jnp.tanh(jax.vmap(self.hidden)(X)), key=key)
            return jax.vmap(self.output)(X)

    X, model = floats(32, 3), EquinoxWrapper(Net(jax.random.key(0)), is_batched=is_batched)

    assert learns(model, X)
    assert "params.hidden.weight" in model.shims[0].read()


def test_equinox_with_statistics():
    equinox = pytest.importorskip("equinox", reason="Equinox is not installed")

    class Net(equinox.Module):
        hidden: equinox.nn.Linear
        norm: equinox.nn.BatchNorm

        def __init__(self):
            self.hidden = equinox.nn.Linear(3, 2, key=jax.random.key(0))
            self.norm = equinox.nn.BatchNorm(2, "batch", mode="batch")

        def __call__(self, X, state):
            return self.norm(self.hidden(X), state)

    X, (net, state) = floats(32, 3) + 3, equinox.nn.make_with_state(Net)()
    model = EquinoxWrapper(net, state)
    before = model.predict(X)
    model.begin_update(X)

    assert not numpy.array_equal(model.predict(X), before)
    assert numpy.allclose(model.begin_update(X)[0].mean(axis=0), 0, atol=1e-4)


@pytest.mark.parametrize("dtype", ["float64", "float16", "int64", ">f4"])
def test_gradients_of_other_types_are_taken(dtype):
    model, X = JaxWrapper(dense, PARAMS), floats(5, 3)
    wanted = model.begin_update(X)[1](numpy.ones((5, 2), "f"))
    assert numpy.array_equal(model.begin_update(X)[1](numpy.ones((5, 2), dtype)), wanted)


def test_an_output_without_axes_takes_a_number():
    model, X = JaxWrapper(lambda params, X: (X * params).sum(), floats(3)), floats(5, 3)
    Y, backprop = model.begin_update(X)
    assert Y.shape == () and numpy.allclose(backprop(2.0), 2 * numpy.broadcast_to(model.shims[0].tree()[0], (5, 3)))


@pytest.mark.parametrize(
    "returned, text",
    [
        (lambda X, s: X, "must return"),  # of two rows: unpacking would take them for the pair
        (lambda X, s: (X, {**s, "new": X.sum()}), r"state\['new'\] was missing"),
        (lambda X, s: (X, {}), r"state\['a'\].* is missing"),
        (lambda X, s: (X, {"a": X.sum(axis=0)}), r"was float32\[\] and is float32\[3\]"),
        (lambda X, s: (X, {"a": 1}), r"was float32\[\] and is int32\[\]"),
    ],
)
def test_a_state_keeps_its_parts(returned, text):
    model = JaxWrapper(lambda params, s, X: returned(X * params, s), floats(3), {"a": 0.0})
    before = model.shims[0].to_bytes()
    for call in (model.predict, model.begin_update):
        with pytest.raises(ContainerError, match=text):
            call(floats(2, 3))
    assert model.shims[0].to_bytes() == before


def test_outputs_whose_arrays_are_hidden_are_refused():
    @jax.tree_util.register_pytree_node_class
    class Hidden:
        def __init__(self, array):
            self.array = array

        def tree_flatten(self):
            return (self.array,), None

        @classmethod
        def tree_unflatten(cls, _, children):
            return cls(*children)

    with pytest.raises(ContainerError, match="Hidden"):
        JaxWrapper(lambda params, X: Hidden(X), {}).predict(floats(2, 3))


def test_parameters_of_foreign_byte_order_are_read_right():
    swapped = {name: value.astype(">f4") for name, value in PARAMS.items()}
    X = floats(2, 3)
    assert numpy.array_equal(JaxWrapper(dense, swapped).predict(X), JaxWrapper(dense, PARAMS).predict(X))


def test_programs_used_last_are_kept(monkeypatch):
    monkeypatch.setattr("thinc.shims.jax.MOST_PROGRAMS", 2)
    traced = []

    def spy(params, X):
        traced.append(len(X))
        return X

    model = JaxWrapper(spy, {})
    for n in (1, 2, 1, 3, 1, 2):
        model.predict(floats(n, 3))
    assert traced == [1, 2, 3, 2] and len(model.shims[0]._programs) == 2


@pytest.mark.parametrize(
    "library, wrap", [("flax", lambda: FlaxWrapper(object())), ("equinox", lambda: EquinoxWrapper(object()))]
)
def test_a_missing_library_is_named(library, wrap, monkeypatch):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingFrameworkError, match=f"pip install {library}"):
        wrap()
