"""Modules of Flax and Equinox as layers: they learn, with statistics and dropout."""

import sys

import numpy
import pytest

from thinc.api import Adam, EquinoxWrapper, FlaxWrapper
from thinc.errors import MissingFrameworkError

jax = pytest.importorskip("jax", reason="JAX is not installed")
from shims.jax_functions import floats, jnp  # noqa: E402


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


@pytest.mark.parametrize(
    "library, wrap", [("flax", lambda: FlaxWrapper(object())), ("equinox", lambda: EquinoxWrapper(object()))]
)
def test_a_missing_library_is_named(library, wrap, monkeypatch):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingFrameworkError, match=f"pip install {library}"):
        wrap()
