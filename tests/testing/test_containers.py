"""Gradients are checked in every container that a layer takes."""

import numpy
import pytest
import torch

from thinc.api import Model, PyTorchWrapper
from thinc.testing import check_gradient
from thinc.testing.gradient import GradientError
from thinc.types import ArgsKwargs, Padded, Pairs, Ragged


def floats(*shape, seed=0):
    return numpy.random.default_rng(seed).normal(size=shape).astype("f")


def ints(*values):
    return numpy.array(values, "i")


def change(X, function):
    """Each array of floats through the function; the rest as it is."""
    if isinstance(X, Ragged):
        return Ragged(function(X.dataXd), X.lengths)
    if isinstance(X, Padded):
        return Padded(function(X.data), X.size_at_t, X.lengths, X.indices)
    if isinstance(X, Pairs):
        return Pairs(change(X.one, function), change(X.two, function))
    if isinstance(X, ArgsKwargs):
        return ArgsKwargs(change(X.args, function), change(X.kwargs, function))
    if isinstance(X, (list, tuple)):
        return type(X)([change(item, function) for item in X])
    if isinstance(X, dict):
        return {key: change(item, function) for key, item in X.items()}
    return function(X) if getattr(X, "dtype", None) is not None and X.dtype.kind == "f" else X


def product(X, dY, slope):
    """dX = slope · X ⊙ dY, in the container of X."""
    flat, index = [], [0]
    change(dY, lambda d: flat.append(d) or d)

    def times(x):
        index[0] += 1
        return (slope * x * flat[index[0] - 1]).astype(x.dtype)

    return change(X, times)


def square(slope):
    """Y = X², whose backprop says slope · X ⊙ dY."""

    def forward(model, X, is_train):
        return change(X, lambda x: x * x), lambda dY: product(X, dY, slope)

    return Model("square", forward)


BATCHES = {
    "Ragged": (Ragged(floats(3, 2), ints(1, 2)), "X.data"),
    "Padded": (Padded(floats(2, 2, 3), ints(2, 1), ints(2, 1), ints(0, 1)), "X.data"),
    "Pairs": (Pairs(floats(2, 3), [floats(1, 2)]), "X.two[0]"),
    "ArgsKwargs": (ArgsKwargs((floats(2),), {"mask": floats(3), "name": "text"}), "X.kwargs['mask']"),
    "dict and tuple": ({"a": (floats(2), ints(1, 2)), "b": None}, "X['a'][0]"),
}


@pytest.mark.parametrize("kind", BATCHES)
def test_a_right_gradient_passes_and_a_wrong_one_is_named(kind):
    X, place = BATCHES[kind]
    check_gradient(square(2.0), X)
    with pytest.raises(GradientError) as caught:
        check_gradient(square(2.1), X)
    assert place in [mismatch.where for mismatch in caught.value.mismatches]


def test_gradients_of_before_do_not_count():
    def forward(model, X, is_train):
        def backprop(dY):
            model.inc_grad("b", dY.sum(axis=0))
            return dY

        return X + model.get_param("b"), backprop

    model = Model("bias", forward, params={"b": floats(3)}, grads={"b": floats(3, seed=1)})
    before = model.get_grad("b").copy()
    check_gradient(model, floats(2, 3))
    numpy.testing.assert_array_equal(model.get_grad("b"), before)


def test_params_that_are_unset_or_ignored_are_left_out():
    def forward(model, X, is_train):
        return X * model.get_param("a"), lambda dY: dY * model.get_param("a")

    model = Model("scale", forward, params={"a": floats(1), "unset": None})
    with pytest.raises(GradientError, match="scale.a"):
        check_gradient(model, floats(2, 3))
    check_gradient(model, floats(2, 3), ignore=["a"])
    wrapped = PyTorchWrapper(torch.nn.Linear(3, 2))
    check_gradient(wrapped, floats(2, 3), ignore=["weight"])
