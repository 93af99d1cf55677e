"""Cut sequences of examples into batches."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import count, repeat
from numbers import Integral, Real
from typing import Any

import numpy

from ..errors import ShapeError
from ..types import SizedGenerator


class RowsError(ShapeError, IndexError):
    """A sequence has fewer items than the batches need. Compatibility: an IndexError too."""


Sizes = int | Iterable[float] | Callable[[int], float]


class Batching:
    """Batches with fixed or scheduled sizes, in order or shuffled."""

    def minibatch(self, size: Sizes, sequence: Any, *, shuffle: bool = False, buffer: int = 1) -> SizedGenerator[Any]:
        """Iterate batches of the sequence. Each item comes exactly once.

        size: an int, an iterable of numbers or a schedule.  The sizes are drawn now and stay
        the same for every pass; shuffle=True draws a new order for each pass from
        `numpy.random`.  buffer: how many batches to prepare before the first is given out.
        """
        _check_sized(sequence)
        sizes = _draw_sizes(size, len(sequence))

        def cut(rows):
            return _take(self, sequence, rows)

        return _generator(sizes, len(sequence), cut, shuffle, buffer)

    def multibatch(
        self, size: Sizes, sequence: Any, *others: Any, shuffle: bool = False, buffer: int = 1
    ) -> SizedGenerator[list[Any]]:
        """Iterate lists with one batch per sequence, all cut at the same places.

        The first sequence decides about the length; see `minibatch`.
        """
        sequences = (sequence, *others)
        for each in sequences:
            _check_sized(each)
        sizes = _draw_sizes(size, len(sequence))

        for place, each in enumerate(sequences):
            if len(each) < len(sequence):
                raise RowsError(
                    f"multibatch: sequence {place} has {len(each)} items, but the first has {len(sequence)}. "
                    "Give every sequence an item for each of the first one's."
                )

        def cut(rows):
            return [_take(self, each, rows) for each in sequences]

        return _generator(sizes, len(sequence), cut, shuffle, buffer)


def _check_sized(sequence):
    if not hasattr(sequence, "__len__"):
        raise ValueError(
            f"minibatch: a sequence with a length is needed, but {type(sequence)} came. Make a list of it first."
        )


def _draw_sizes(size: Any, total: int) -> list[int]:
    """Batch sizes (ints >= 1) that sum up to the total."""
    if isinstance(size, Integral) and int(size) > 0:
        whole, rest = divmod(total, int(size))
        return [int(size)] * whole + [rest] * (rest > 0)
    source, drawn = _size_stream(size), []
    covered, last = 0, None
    while covered < total:
        last = next(source, last)
        if last is None:
            raise ValueError("minibatch: the iterable of sizes is empty. Give at least one size.")
        if not last > 0:
            raise ValueError(f"minibatch: the batch size is {last}. It has to be above zero.")
        # Sum up what is really cut: adding the fraction too would lose the last items.
        step = min(max(1, int(last)), total - covered)
        drawn.append(step)
        covered += step
    return drawn


def _size_stream(size: Any) -> Iterator[Any]:
    """An iterator of sizes from everything that `size` may be."""
    if isinstance(size, Integral):
        return repeat(int(size))
    if isinstance(size, Iterable) and not isinstance(size, (str, bytes)):
        return iter(size)  # a schedule goes on from its own position
    if callable(size) and not isinstance(size, Real):
        return map(size, count())
    raise TypeError(f"minibatch: the size is of {type(size)}. Give an int, an iterable of numbers or a schedule.")


def _generator(sizes, total, cut, shuffle, buffer):
    """Batches of `cut(rows)`, again for every pass."""
    indices = numpy.arange(total) if shuffle else None

    def iterate():
        order = None
        if indices is not None:
            numpy.random.shuffle(indices)
            order = indices.copy()  # a second pass, started before this one ends, shuffles again
        queue, start = [], 0
        for size in sizes:
            rows = slice(start, start + size)
            queue.append(cut(rows if order is None else order[rows]))
            start += size
            if len(queue) >= buffer:
                yield from queue
                queue = []
        yield from queue

    return SizedGenerator(iterate, len(sizes))


def _take(ops, sequence, rows):
    """The items at these rows, in the kind of container they came in; never a view of it.

    rows: a slice, or an array of numbers.
    """
    if isinstance(rows, slice) and rows.stop > len(sequence):  # a slice would be cut off silently
        raise RowsError(f"minibatch: {rows.stop} items are needed, but the sequence has now {len(sequence)}")
    if type(sequence) in (list, tuple, str) and isinstance(rows, slice):
        return sequence[rows]
    if isinstance(sequence, (tuple, Sequence)):
        numbers = range(rows.start, rows.stop) if isinstance(rows, slice) else rows.tolist()
        items = map(sequence.__getitem__, numbers)
        return "".join(items) if isinstance(sequence, str) else (tuple if isinstance(sequence, tuple) else list)(items)
    if isinstance(rows, slice):
        if isinstance(sequence, ops.xp.ndarray):
            return ops.xp.array(sequence[rows], order="C")
        rows = numpy.arange(rows.start, rows.stop)
    items = sequence[rows]
    if isinstance(items, ops.xp.ndarray):
        return ops.as_contig(ops.asarray(items))
    return items
