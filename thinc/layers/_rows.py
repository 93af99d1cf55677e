"""See the sequences of any container as rows that know their places."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy

from ..backends._known import as_host
from ..errors import ContainerError, ShapeError
from ..interop import is_xp_array
from ..model import Model, path_of
from ..types import Floats2d, Ints1d, Padded, Ragged, get_width


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows of all sequences, one sequence after the other, without padding.

    Where rows stand is worked out on the host, which mostly knows the lengths: asking a device
    would make the host wait for it.
    X: (n, width).  lengths: (nB,), rows of each sequence, on the host.
    order: (nB,), which sequence of the original batch each one is, on the host.
    restore: (Y, lengths) -> a container like the original one with the rows Y (m, any width)
        in sequences of those lengths, by default the lengths of X.
    """

    ops: Any
    X: Floats2d
    lengths: numpy.ndarray
    order: numpy.ndarray
    restore: Callable

    @cached_property
    def sequences(self) -> numpy.ndarray:
        """(n,): which sequence each row belongs to, on the host."""
        return sequences_of(self.lengths)

    @cached_property
    def times(self) -> numpy.ndarray:
        """(n,): how many rows stand before it in its sequence, on the host."""
        return numpy.arange(len(self.X)) - numpy.repeat(starts_of(self.lengths), self.lengths)

    @cached_property
    def places(self) -> tuple[Ints1d, Ints1d]:
        """Where each row stands in an array (original batch, longest): sequences and times."""
        return self.ops.asarray(self.order[self.sequences]), self.ops.asarray(self.times)

    def by_time(self) -> tuple[Ints1d, list[int]]:
        """(n,): the rows packed by time, step 0 of every sequence first, the longest first; and the steps' sizes."""
        rank = numpy.argsort(numpy.argsort(-self.lengths, kind="stable"))
        packing = numpy.argsort(self.times * max(1, len(self.lengths)) + rank[self.sequences])
        return self.ops.asarray(packing), numpy.bincount(self.times).tolist() if len(self.times) else []

    @property
    def longest(self) -> int:
        """The length of the longest sequence."""
        return longest_of(self.lengths)


def sequences_of(lengths: numpy.ndarray) -> numpy.ndarray:
    """(n,): which sequence each row belongs to."""
    return numpy.repeat(numpy.arange(len(lengths)), lengths)


def starts_of(lengths: numpy.ndarray) -> numpy.ndarray:
    """(nB,): the row with which each sequence begins, or would begin if it is empty."""
    return numpy.cumsum(lengths) - lengths


def longest_of(lengths: numpy.ndarray) -> int:
    """The length of the longest sequence, 0 without any."""
    return int(lengths.max()) if len(lengths) else 0


def as_rows(model: Model, X: Any, dim: str) -> Rows:
    """The rows of a Ragged, Padded, list of arrays, or of one array that is one sequence.

    dim: the model's name for their width, which a batch of no sequences can't tell.
    ContainerError: X is none of these.  ShapeError: its lengths are those of other rows.
    """
    rows = _rows_of(model, X)
    if rows.X.shape == (0, 0):
        return replace(rows, X=model.ops.alloc((0, model.get_dim(dim)), dtype=rows.X.dtype))
    return rows


def _rows_of(model: Model, X: Any) -> Rows:
    ops = model.ops
    if isinstance(X, Ragged):
        return _from_ragged(ops, X)
    if isinstance(X, Padded):
        return _from_padded(ops, X)
    if isinstance(X, (list, tuple)) and all(is_xp_array(x) and x.ndim == 2 for x in X):
        return _from_list(ops, list(X))
    if is_xp_array(X) and X.ndim == 2:
        return _rows(ops, X, [len(X)], lambda Y, lengths: Y)
    raise ContainerError(
        f"Layer {path_of(model, model)!r} got {type(X).__name__}. Give it Ragged, Padded, a list of "
        "arrays (rows, width), or one such array."
    )


def gradient_rows(model: Model, dY: Any, shape: tuple[int, ...]) -> Floats2d:
    """The rows of a gradient, which must have the shape of the rows of the output.  ShapeError: it has another one."""
    d_rows = as_rows(model, dY, "nO").X
    if d_rows.shape != shape:
        raise ShapeError(f"got a gradient {list(d_rows.shape)} for an output {list(shape)}; give each row its gradient")
    return d_rows


def set_widths(model: Model, **batches: Any) -> None:
    """Set dims to the numbers of columns of batches, where one is given and tells."""
    for name, batch in batches.items():
        width = None if batch is None else width_of(batch)
        if width is not None:
            model.set_dim(name, width)


def width_of(batch: Any) -> int | None:
    """The number of columns, None where a batch without sequences doesn't tell."""
    if isinstance(batch, Ragged):
        return int(batch.data_shape[-1])
    if isinstance(batch, (list, tuple)) and not batch:
        return None
    return get_width(batch) or None


def _rows(ops: Any, data: Any, lengths: Any, build: Callable, order: Any = None) -> Rows:
    """build(Y, lengths): the container; lengths int32 on the host, or None for those of X."""
    lengths = _checked(lengths, len(data))
    order = numpy.arange(len(lengths)) if order is None else order

    def restore(Y: Floats2d, lengths: Any = None) -> Any:
        return build(Y, None if lengths is None else lengths.astype("int32"))

    return Rows(ops, data, lengths, order, restore)


def _checked(lengths: Any, n: int, nT: int | None = None) -> numpy.ndarray:
    """(nB,) int64 on the host: lengths of n rows in all, or of n sequences that have room for nT each."""
    host = as_host(lengths)
    fits = host.ndim == 1 and (host.dtype.kind in "iu" or not host.size)
    if fits:
        host = host.astype("int64", copy=False)
        least, most = (host.min(), host.max()) if host.size else (0, 0)
        fits = least >= 0 and (host.sum() == n if nT is None else len(host) == n and most <= nT)
    if not fits:
        room = f"{n} rows" if nT is None else f"{n} sequences of at most {nT} rows"
        raise ShapeError(f"got the lengths {host.tolist()} for {room}; give whole numbers from 0 on that fit them")
    return host


def _from_ragged(ops: Any, X: Ragged) -> Rows:
    def build(Y: Floats2d, lengths: Any) -> Ragged:
        return Ragged(Y, X.lengths if lengths is None else ops.asarray1i(lengths))

    return _rows(ops, X.data, X.lengths, build)


def _from_list(ops: Any, X: list[Floats2d]) -> Rows:
    old = [len(x) for x in X]
    width = X[0].shape[1] if X else 0
    data = ops.xp.concatenate(X) if X else ops.alloc((0, width))

    def build(Y: Floats2d, lengths: Any) -> list[Floats2d]:
        ends = numpy.cumsum(old if lengths is None else lengths)
        return [ops.as_contig(y) for y in ops.xp.split(Y, ends[:-1].tolist())] if X else []

    return _rows(ops, data, old, build)


def _from_padded(ops: Any, X: Padded) -> Rows:
    nT, nB, width = X.data.shape
    order = numpy.argsort(numpy.argsort(as_host(X.indices)))
    old = _checked(X.lengths, nB, nT)
    old_cells = _cells(ops, old)

    def build(Y: Floats2d, lengths: Any) -> Padded:
        longest, cells = nT, old_cells
        if lengths is None:
            lengths, size_at_t = X.lengths, X.size_at_t
        else:
            longest, cells = longest_of(lengths), _cells(ops, lengths)
            size_at_t = ops.asarray1i((lengths > numpy.arange(longest)[:, None]).sum(axis=1))
            lengths = ops.asarray1i(lengths)
        data = ops.alloc((longest * nB, Y.shape[1]), dtype=Y.dtype)
        data[cells] = Y
        return Padded(data.reshape((longest, nB, Y.shape[1])), size_at_t, lengths, X.indices)

    return _rows(ops, X.data.reshape((nT * nB, width))[old_cells], old, build, order)


def _cells(ops: Any, lengths: numpy.ndarray) -> Ints1d:
    """(n,): where each row stands among the (longest · batch, width) rows of a padded array."""
    times = numpy.arange(lengths.sum()) - numpy.repeat(starts_of(lengths), lengths)
    return ops.asarray(times * len(lengths) + sequences_of(lengths))
