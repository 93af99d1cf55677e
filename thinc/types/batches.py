"""Containers for batches of sequences, which all count and index by sequence."""

# ruff: noqa: UP007 (these unions are read at run time)

from __future__ import annotations

import math
import operator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, Union

import numpy

from ..errors import ContainerError
from ._record import Record
from .arrays import Array2d, Array3d, ArrayXd, Ints1d, array_module, is_array
from .check import describe

ItemsT = TypeVar("ItemsT")


@dataclass(init=False, repr=False, eq=False)
class Ragged(Record):
    """Sequences of different lengths, one after the other.

    data: (rows, width), all sequences concatenated; the array that was given, or a view of it.
    lengths: (sequences,), rows of each sequence, int32 for the fast ops; a list becomes that.
    data_shape: the given shape with -1 for the rows; `dataXd` restores it.
    starts_ends: (sequences + 1,) row numbers between the sequences, once computed.
    """

    data: Array2d
    lengths: Ints1d
    data_shape: tuple[int, ...] = field(init=False)  # so that `dataclasses.replace` asks __init__ alone
    starts_ends: Ints1d | None = field(init=False, default=None)

    def __init__(self, data: ArrayXd, lengths: Ints1d):
        try:
            shape = data.shape
        except AttributeError:
            raise ContainerError(
                f"Ragged: its data is {describe(data)}, wants one array (rows, width): numpy.asarray(data, 'float32')."
            ) from None
        self.lengths = _as_lengths(data, lengths) if type(lengths) is list else lengths
        self.data_shape = (-1, *shape[1:])
        rows: Any = data  # the same object, where possible: what is known of an array hangs on it
        if len(shape) != 2:
            rows = data.reshape((shape[0], math.prod(shape[1:])))  # -1 is undefined without rows
        self.data = rows
        self.starts_ends = None

    @property
    def dataXd(self) -> ArrayXd:
        """The data in its given shape: (rows, ...)."""
        data: Any = self.data
        if len(self.data_shape) == 2:
            return data
        return data.reshape((data.shape[0], *self.data_shape[1:]))

    def __len__(self) -> int:
        return self.lengths.shape[0]

    def __getitem__(self, index: Any) -> Ragged:
        """Those sequences, in that order; a view where they lie side by side.

        index: an integer, a slice, integers, or a boolean mask over the sequences.
        """
        edges, chosen = self._get_starts_ends(), _positions(index, len(self))
        if isinstance(chosen, range):
            first, last = chosen.start, chosen.stop
            return self._like(self.data[int(edges[first]) : int(edges[last])], self.lengths[first:last])
        xp = array_module(self.data)
        data = xp.vstack([self.data[int(edges[i]) : int(edges[i + 1])] for i in chosen])
        return self._like(data, self.lengths[numpy.asarray(chosen)])

    def __eq__(self, other: Any) -> bool:
        if not isinstance(other, Ragged):
            return NotImplemented
        return (
            self.data_shape == other.data_shape and _same(self.data, other.data) and _same(self.lengths, other.lengths)
        )

    def _like(self, data: Any, lengths: Any) -> Ragged:
        """New data in the shape of ours."""
        if len(self.data_shape) == 2:
            return Ragged(data, lengths)
        return Ragged(data.reshape((data.shape[0], *self.data_shape[1:])), lengths)

    def _get_starts_ends(self) -> Ints1d:
        edges = self.starts_ends
        if edges is None:
            xp = array_module(self.lengths)
            self.starts_ends = edges = xp.zeros(self.lengths.size + 1, dtype="i")
            edges[1:] = self.lengths.cumsum()
        return edges

    def _get_starts(self) -> Ints1d:
        return self._get_starts_ends()[:-1]

    def _get_ends(self) -> Ints1d:
        return self._get_starts_ends()[1:]


@dataclass(init=False, repr=False, eq=False)
class Padded(Record):
    """Sequences side by side, the longest first, so that step t needs only `size_at_t[t]` of them.

    data: (time, batch, width). size_at_t: (time,), sequences still running at step t.
    lengths: (batch,), descending. indices: (batch,), where each sequence stood originally.
    """

    data: Array3d
    size_at_t: Ints1d
    lengths: Ints1d
    indices: Ints1d

    def __init__(self, data: Array3d, size_at_t: Ints1d, lengths: Ints1d, indices: Ints1d):
        self.data, self.size_at_t = data, size_at_t
        self.lengths, self.indices = lengths, indices

    def copy(self) -> Padded:
        """A copy that shares no memory."""
        return Padded(self.data.copy(), self.size_at_t.copy(), self.lengths.copy(), self.indices.copy())

    def __len__(self) -> int:
        return self.lengths.shape[0]

    def __getitem__(self, index: Any) -> Padded:
        """Those sequences, still the longest first, cut at the longest of them.

        index: an integer, a slice, integers, or a boolean mask over the batch.
        """
        chosen = _positions(index, len(self))
        # What somebody made may be out of order, and would lose rows.
        if isinstance(chosen, range) and (self.lengths[1:] <= self.lengths[:-1]).all():
            return self._between(chosen.start, chosen.stop)
        sizes = [int(n) for n in self.lengths]
        chosen = sorted(chosen, key=lambda i: -sizes[i])
        steps = max((sizes[i] for i in chosen), default=0)
        xp = array_module(self.size_at_t)
        running = [sum(sizes[i] > t for i in chosen) for t in range(steps)]
        size_at_t, columns = xp.asarray(running, dtype=self.size_at_t.dtype), numpy.asarray(chosen)
        return Padded(self.data[:steps, columns], size_at_t, self.lengths[columns], self.indices[columns])

    def _between(self, first: int, last: int) -> Padded:
        """The sequences from `first` to before `last`, of which the first is the longest."""
        steps = int(self.lengths[first]) if first < last else 0
        xp: Any = array_module(self.size_at_t)
        size_at_t = xp.minimum(self.size_at_t[:steps] - first, last - first)
        return Padded(self.data[:steps, first:last], size_at_t, self.lengths[first:last], self.indices[first:last])

    def __eq__(self, other: Any) -> bool:
        if not isinstance(other, Padded):
            return NotImplemented
        return all(
            _same(getattr(self, name), getattr(other, name)) for name in ("data", "size_at_t", "lengths", "indices")
        )


@dataclass(init=False, repr=False, eq=False)
class Pairs(Record, Generic[ItemsT]):
    """Two batches of the same length, indexed together."""

    one: ItemsT
    two: ItemsT

    def __init__(self, one: ItemsT, two: ItemsT):
        self.one, self.two = one, two

    def __getitem__(self, index: Any) -> Pairs[ItemsT]:
        one: Any = self.one
        two: Any = self.two
        return Pairs(one[index], two[index])

    def __len__(self) -> int:
        one: Any = self.one
        return len(one)


Batchable = Union[Pairs, Ragged, Padded, ArrayXd, list, tuple]


def get_width(X: Any, *, dim: int = -1) -> int:
    """The size of axis `dim` of a batch, or of its first item.

    A vector is read as class numbers: its width is its maximum plus one.
    Raises ValueError for anything that has no width.
    """
    if isinstance(X, (Ragged, Padded)):
        return get_width(X.data, dim=dim)
    if hasattr(X, "shape"):
        if len(X.shape) == 0:
            return 0
        return int(X.max()) + 1 if len(X.shape) == 1 else int(X.shape[dim])
    if isinstance(X, (list, tuple)):
        return get_width(X[0], dim=dim) if len(X) else 0
    raise ContainerError(f"Can't get the width of {type(X)}: expected an array, Ragged, Padded, or a list of arrays.")


def _as_lengths(data: Any, lengths: Any) -> Any:
    """(sequences,) int32 of a list, in the module of the data."""
    xp: Any = array_module(data)
    try:
        return xp.asarray([operator.index(length) for length in lengths], dtype="int32")
    except TypeError:
        raise ContainerError(
            f"Ragged: its lengths are {describe(lengths)}, wants the number of rows of each sequence."
        ) from None


def _positions(index: Any, size: int) -> list[int] | range:
    """Any kind of index as positions in [0, size), a range where they follow each other; IndexError if it is none."""
    if type(index) is int:  # in half the time
        position = _checked(index, size)
        return range(position, position + 1)
    if isinstance(index, slice):
        found = range(size)[index]
        return found if found.step == 1 else _joined(list(found))
    if is_array(index) or isinstance(index, (list, range)):
        return _joined(_from_array(index, size))
    if isinstance(index, (bool, numpy.bool_)) or not hasattr(index, "__index__"):
        raise IndexError(f"Sequences are chosen by an integer, a slice, a list or an array, not by {type(index)}.")
    position = _checked(index.__index__(), size)
    return range(position, position + 1)


def _joined(chosen: list[int]) -> list[int] | range:
    """The range of positions that follow each other, or the list if they don't."""
    if not chosen:
        return range(0)
    joined = range(chosen[0], chosen[-1] + 1)
    return joined if len(joined) == len(chosen) and chosen == list(joined) else chosen


def _from_array(index: Any, size: int) -> list[int]:
    """An array or list of integers, or a mask, as positions."""
    array = numpy.asarray(index.get() if hasattr(index, "get") else index)
    if array.size == 0 and array.dtype.kind == "f" and isinstance(index, list):
        return []
    if array.ndim == 0 and array.dtype.kind in "iu":
        return [_checked(int(array), size)]
    if array.ndim != 1:
        raise IndexError(f"Sequences are chosen by one axis of numbers, but the index has shape {array.shape}.")
    if array.dtype.kind == "b":
        if array.size != size:
            raise IndexError(f"The mask has {array.size} entries for {size} sequences.")
        return [int(i) for i in array.nonzero()[0]]
    if array.dtype.kind not in "iu":
        raise IndexError(f"Sequences are chosen by integers or a mask, not by {array.dtype.name}.")
    return [_checked(int(i), size) for i in array]


def _checked(position: int, size: int) -> int:
    if not -size <= position < size:
        raise IndexError(f"Sequence {position} does not exist: the batch has {size}.")
    return position % size


def _same(one: Any, two: Any) -> bool:
    """Whether two arrays have equal shapes and values."""
    return bool(one.shape == two.shape and (one == two).all())
