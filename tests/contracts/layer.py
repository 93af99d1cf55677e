"""One record per layer: how to make it, what it computes, and what it may not do."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy

from thinc.model import Model
from thinc.testing import check_gradient
from thinc.testing.batches import each_array

from .arrays import arrays_in, assert_close, cast, floats_in
from .op import FLOATS, generator, spoil


@dataclass(frozen=True)
class Layer:
    """What one constructor promises.

    make(): the model, not initialized.  X(rng): a batch, floats in float64.
    oracle(model, X): the output in float64; it reads the parameters from the model.
    registered: names in the registry that give this layer.  Y(rng): for `initialize`.
    of: what backprop is the derivative of, if not the output.  ignore: see `check_gradient`.
    positive: parameters that are nothing below zero.
    empty(rng): a batch without rows.  bad: (X, error, text) of mistakes.
    backprops: False for a layer over strings, which has no gradient to give.
    knows_Y: False where `initialize` can't do anything with the whole output.
    """

    name: str
    make: Callable[[], Model]
    X: Callable[..., Any]
    oracle: Callable[[Model, Any], Any]
    registered: tuple[str, ...] = ()
    Y: Callable[..., Any] | None = None
    of: Callable[[Model, Any], Any] | None = None
    ignore: tuple[str, ...] = ()
    positive: tuple[str, ...] = ()
    dtypes: tuple[str, ...] = FLOATS
    empty: Callable[..., Any] | None = None
    bad: tuple[tuple[Any, type, str], ...] = ()
    backprops: bool = True
    knows_Y: bool = True
    error: float = 0.0
    factor: float = 16.0
    note: str = ""

    def __str__(self):
        return self.name + (f"-{self.note}" if self.note else "")

    def batch(self, dtype="float32", empty=False):
        return cast((self.empty if empty else self.X)(generator()), dtype)

    def ready(self, dtype="float32"):
        """An initialized model with random parameters of this dtype."""
        numpy.random.seed(0)
        Y = None if self.Y is None else cast(self.Y(generator()), "float32")
        model = self.make().initialize(X=self.batch(), Y=Y)
        rng = generator()
        for node, name, value in parameters(model):
            drawn = rng.normal(size=value.shape) * 0.5
            node.set_param(name, (abs(drawn) + 0.5 if name in self.positive else drawn).astype(dtype))
        return model

    def checked_parts(self):
        """What of the model can be wrong: its output, its gradients."""
        parts = {"Y"}
        if self.backprops and arrays_in(self.batch()) and "X" not in self.ignore:
            parts.add("dX")
        if self.backprops and any(name not in self.ignore for _, name, _ in parameters(self.ready())):
            parts.add("parameter")
        return parts

    def check(self, model):
        """Value and gradient in float64; AssertionError where one is wrong."""
        X = self.batch("float64")
        assert_close(model.predict(X), self.oracle(model, self.batch("float64")), "float64", self.factor, self.error)
        if self.backprops and (floats_in(X) or parameters(model)):
            check_gradient(model, X, of=self.of, ignore=self.ignore)
        if self.backprops and not floats_in(X):  # ids have no gradient: zeros stand for it
            Y, backprop = model.begin_update(X)
            dX = backprop(each_array(lambda A: A if A.dtype.kind == "f" else A * 0, Y))
            assert not any(array.any() for array in arrays_in(dX)), "the gradient of ids is not zero"


def parameters(model):
    """(node, name, value) of every parameter."""
    return [(node, name, node.get_param(name)) for node in model.walk() for name in node.param_names]


def rows(*shape):
    return lambda rng: rng.normal(size=shape)


def same_structure(found, expected, path="dX"):
    """Equal containers, shapes and dtypes; ints stand for any ints."""
    if isinstance(expected, (list, tuple)) and not (found == [] and not arrays_in(expected)):
        assert isinstance(found, (list, tuple)) and len(found) == len(expected), f"{path}: {type(found)}"
        for i, (one, two) in enumerate(zip(found, expected)):
            same_structure(one, two, f"{path}[{i}]")
    elif hasattr(expected, "dtype"):
        assert found.shape == expected.shape, f"{path}: the shape is {found.shape}, expected {expected.shape}"
        if expected.dtype.kind == "f":
            assert found.dtype == expected.dtype, f"{path}: the dtype is {found.dtype}, expected {expected.dtype}"
    else:
        assert type(found) is type(expected) or found == [], f"{path}: {type(found)}, expected {type(expected)}"
        for one, two in zip(arrays_in(found), arrays_in(expected)):
            same_structure(one, two, path)


def spoiled(model, part, change):
    """The same model, wrong in one place: its output "Y", the gradient "dX" or that of a parameter."""
    forward, differs = model._func, []

    def wrong(value):
        value, changed = spoil(value, change)
        differs.append(changed)
        return value

    def wrong_forward(model, X, is_train):
        Y, backprop = forward(model, X, is_train=is_train)

        def wrong_backprop(dY):
            dX = backprop(dY)
            if part == "parameter":
                for node, name, _ in parameters(model):
                    if node.has_grad(name):
                        node.set_grad(name, wrong(node.get_grad(name)))
            return wrong(dX) if part == "dX" else dX

        return (wrong(Y) if part == "Y" else Y), wrong_backprop

    model.replace_callbacks(wrong_forward, init=model.init)
    return differs
