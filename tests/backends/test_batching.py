"""Batches of sequences."""

import itertools

import numpy
import pytest

from thinc.backends import NumpyOps
from thinc.errors import ShapeError
from thinc.types import Pairs

ops = NumpyOps()


def grow():
    size = 1.0
    while True:
        yield size
        size = min(16.0, size * 1.001)


@pytest.mark.parametrize("size", [1, 7, [3, 4], (2,), grow(), 0.5 + numpy.arange(3)])
def test_every_item_comes_exactly_once(size):
    batches = ops.minibatch(size, list(range(1000)))
    got = list(batches)
    assert len(got) == len(batches)
    assert list(itertools.chain(*got)) == list(range(1000)) == list(itertools.chain(*batches))


@pytest.mark.parametrize("data", [[], (), "", range(0), numpy.zeros((0, 2))])
def test_empty(data):
    assert list(ops.minibatch(3, data)) == []


def test_kinds_are_kept():
    assert list(ops.minibatch(2, "abc")) == ["ab", "c"]
    assert list(ops.minibatch(2, (1, 2, 3))) == [(1, 2), (3,)]
    assert list(ops.minibatch(2, range(3))) == [[0, 1], [2]]
    assert [b.tolist() for b in ops.minibatch(2, numpy.arange(3))] == [[0, 1], [2]]
    pairs = Pairs(numpy.arange(3), numpy.arange(3))
    assert all(isinstance(b, Pairs) for b in ops.minibatch(2, pairs))


def test_shuffle_keeps_sizes_and_items():
    batches = ops.minibatch(4, list(range(10)), shuffle=True, buffer=3)
    first, second = list(batches), list(batches)
    assert [len(b) for b in first] == [4, 4, 2] and first != second
    assert sorted(itertools.chain(*second)) == list(range(10))


def test_multibatch_cuts_all_alike():
    got = list(ops.multibatch(2, [1, 2, 3], numpy.arange(3), shuffle=True))
    assert all(isinstance(b, list) and b[0] == (b[1] + 1).tolist() for b in got)


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("short", [[1], (1, 2), numpy.arange(2)], ids=["list", "tuple", "array"])
def test_a_shorter_sequence_is_named(short, shuffle):
    with pytest.raises(IndexError, match=f"sequence 2 has {len(short)} items, but the first has 3") as caught:
        ops.multibatch(2, [1, 2, 3], [4, 5, 6, 7], short, shuffle=shuffle)
    assert isinstance(caught.value, ShapeError)


@pytest.mark.parametrize(
    "size,error", [(0, ValueError), (-1, ValueError), ([], ValueError), (2.5, TypeError), (None, TypeError)]
)
def test_bad_sizes(size, error):
    with pytest.raises(error):
        ops.minibatch(size, [1, 2])


def test_no_length():
    with pytest.raises(ValueError, match="generator"):
        ops.minibatch(2, (i for i in range(3)))
