"""Outputs are added in the container in which they come, and nothing stands for no gradient."""

import numpy
import pytest

from thinc.api import Linear, Model, Padded, Ragged, add
from thinc.backends import NumpyOps
from thinc.layers._rows import width_of
from thinc.layers._sum import BIG, plus


def floats(*shape):
    return numpy.ones(shape, "f")


LENGTHS = numpy.array([2, 1], "i")
RAGGED = Ragged(floats(3, 2), LENGTHS)
PADDED = Padded(floats(2, 2, 2), LENGTHS, LENGTHS, numpy.arange(2, dtype="i"))


@pytest.mark.parametrize(
    "X", [floats(3), floats(BIG, 2), RAGGED, PADDED, [floats(2), floats(1)], (floats(2), [floats(1)])],
    ids=["small", "big", "Ragged", "Padded", "list", "tuple"],
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
