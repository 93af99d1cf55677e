"""Pure JAX functions and modules of Flax and Equinox as layers."""

import subprocess
import sys

import numpy
import pytest

from thinc.api import Adam, JaxWrapper, Linear, chain, fix_random_seed
from thinc.errors import ContainerError, LoadError, ShapeError

jax = pytest.importorskip("jax", reason="JAX is not installed")
from shims.jax_functions import PARAMS, dense, floats  # noqa: E402


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


def test_a_file_of_another_shape_changes_nothing():
    model, other = JaxWrapper(dense, PARAMS), JaxWrapper(dense, {"W": floats(3, 3), "b": floats(3)})
    before = model.to_bytes()
    with pytest.raises(LoadError):
        model.from_bytes(other.to_bytes())

    assert model.to_bytes() == before


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
