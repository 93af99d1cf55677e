"""Outputs are added in the container in which they come, and nothing stands for no gradient."""

from typing import NamedTuple

import numpy
import pytest

from thinc.api import Linear, Model, Padded, Ragged, accumulate_gradients, add, residual, with_cpu
from thinc.backends import NumpyOps
from thinc.backends.arrays.reference import BIG
from thinc.layers._rows import width_of
from thinc.layers._sum import plus
from thinc.testing import check_gradient


def floats(*shape):
    return numpy.ones(shape, "f")


class Pair(NamedTuple):
    """What a layer may take and give under names."""

    one: object
    two: object


LENGTHS = numpy.array([2, 1], "i")
RAGGED = Ragged(floats(3, 2), LENGTHS)
PADDED = Padded(floats(2, 2, 2), LENGTHS, LENGTHS, numpy.arange(2, dtype="i"))


@pytest.mark.parametrize(
    "X", [floats(3), floats(BIG, 2), RAGGED, PADDED, [floats(2), floats(1)], (floats(2), [floats(1)]), Pair(floats(2), [])],
    ids=["small", "big", "Ragged", "Padded", "list", "tuple", "named tuple"],
)  # fmt: skip
def test_a_sum_has_the_container_of_its_first_part(X):
    twice = plus(NumpyOps(), X, X)
    assert type(twice) is type(X)
    for Y, one in zip(flat(twice), flat(X), strict=True):
        assert (Y == 2).all() and Y.shape == one.shape and (one == 1).all()


def flat(X):
    if isinstance(X, (list, tuple)):
        return [array for item in X for array in flat(item)]
    return [X.dataXd if isinstance(X, Ragged) else X.data if isinstance(X, Padded) else X]


@pytest.mark.parametrize("nothing", [None, [], ()])
def test_no_gradient_adds_nothing(nothing):
    X = floats(2)
    assert plus(NumpyOps(), X, nothing) is X and plus(NumpyOps(), nothing, X) is X


def test_what_can_not_be_added_is_the_first():
    """A layer that reads objects has no gradient; some give the objects back."""
    one, two = object(), object()
    assert plus(NumpyOps(), one, two) is one


def test_layers_over_texts_are_added():
    read = Model("read", lambda model, X, is_train: (floats(len(X), 2), lambda dY: []))
    Y, backprop = add(read, read)(["a", "b"], is_train=True)
    assert (Y == 2).all() and backprop(Y) == []
    assert add(Linear(2, 2), Linear(2, 2)).initialize().predict(floats(3, 2)).shape == (3, 2)


def test_a_batch_without_sequences_tells_no_width():
    assert width_of([]) is None and width_of([floats(2, 3)]) == 3 and width_of(RAGGED) == 2


def test_named_tuples_keep_their_names():
    """On the way to another device, in a sum of layers, in parts of a batch, and under a check of gradients."""
    X = Pair(floats(2, 3), floats(2, 1))
    same = Model("same", lambda model, X, is_train: (X, lambda dY: dY))
    for model in (with_cpu(same, NumpyOps()), residual(same)):
        Y, backprop = model(X, is_train=True)
        assert type(Y) is type(backprop(X)) is Pair and Y.two.shape == (2, 1)
    check_gradient(same, X)

    class Loss:
        normalize = True

        def __call__(self, guesses, truths):
            return guesses, 1.0

    seen = []
    spy = Model("spy", lambda model, X, is_train: (X, lambda dY: seen.append(dY)))
    accumulate_gradients(spy, [(X, floats(1)), (X, floats(3))], Loss())
    assert [type(dY) for dY in seen] == [Pair, Pair] and [float(dY.one[0, 0]) for dY in seen] == [0.25, 0.75]
