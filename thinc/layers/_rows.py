"""See the sequences of any container as rows that know their places."""

from collections.abc import Callable
from typing import Any, NamedTuple

from ..errors import ContainerError
from ..interop import is_xp_array
from ..model import Model, path_of
from ..types import Floats2d, Ints1d, Padded, Ragged, get_width


class Rows(NamedTuple):
    """The rows of all sequences, one sequence after the other, without padding.

    X: (n, width).  lengths: (nB,), rows of each sequence.
    order: (nB,), which sequence of the original batch each one is.
    restore: (Y, lengths) -> a container like the original one with the rows Y (m, any width)
        in sequences of those lengths, by default the lengths of X.
    """

    ops: Any
    X: Floats2d
    lengths: Ints1d
    order: Ints1d
    restore: Callable

    def sequences(self) -> Ints1d:
        """(n,): which sequence each row belongs to."""
        return self._repeat(self.ops.xp.arange(len(self.lengths)))

    def times(self) -> Ints1d:
        """(n,): how many rows stand before it in its sequence."""
        return self.ops.xp.arange(len(self.X)) - self._repeat(self.starts())

    def places(self) -> tuple[Ints1d, Ints1d]:
        """Where each row stands in an array (original batch, longest): sequences and times."""
        return self.order[self.sequences()], self.times()

    def by_time(self) -> tuple[Ints1d, list[int]]:
        """(n,): the rows packed by time, step 0 of every sequence first, the longest first; and the steps' sizes."""
        xp, times = self.ops.xp, self.times()
        rank = xp.argsort(xp.argsort(-self.lengths, kind="stable"))
        packing = xp.argsort(times * max(1, len(self.lengths)) + rank[self.sequences()])
        return packing, xp.bincount(times).tolist() if len(times) else []

    def starts(self) -> Ints1d:
        """(nB,): the row with which each sequence begins, or would begin if it is empty."""
        return self.ops.xp.cumsum(self.lengths) - self.lengths

    def longest(self) -> int:
        """The length of the longest sequence."""
        return int(self.lengths.max()) if len(self.lengths) else 0

    def _repeat(self, values: Ints1d) -> Ints1d:
        xp = self.ops.xp
        return xp.repeat(values, self.lengths if xp.__name__ == "numpy" else self.lengths.tolist())


def as_rows(model: Model, X: Any) -> Rows:
    """The rows of a Ragged, Padded, list of arrays, or of one array that is one sequence.

    ContainerError: X is none of these.
    """
    ops = model.ops
    if isinstance(X, Ragged):
        data = X.data
        return _rows(ops, data, X.lengths, lambda Y, lengths: Ragged(Y, X.lengths if lengths is None else lengths))
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
    lengths = ops.xp.asarray(lengths, dtype="int64")
    order = ops.xp.arange(len(lengths)) if order is None else order

    def restore(Y: Floats2d, lengths: Any = None) -> Any:
        return build(Y, None if lengths is None else ops.xp.asarray(lengths, dtype="int32"))

    return Rows(ops, data, lengths, order, restore)


def _from_list(ops: Any, X: list[Floats2d]) -> Rows:
    old = [len(x) for x in X]
    width = X[0].shape[1] if X else 0
    data = ops.xp.concatenate(X) if X else ops.alloc((0, width))

    def build(Y: Floats2d, lengths: Any) -> list[Floats2d]:
        ends = ops.xp.cumsum(ops.xp.asarray(old if lengths is None else lengths, dtype="int64"))
        return [ops.as_contig(y) for y in ops.xp.split(Y, ends[:-1].tolist())] if X else []

    return _rows(ops, data, old, build)


def _from_padded(ops: Any, X: Padded) -> Rows:
    xp = ops.xp
    nT, nB = X.data.shape[:2]
    is_row = _is_row(xp, X.lengths, nT)

    def build(Y: Floats2d, lengths: Any) -> Padded:
        if lengths is None:
            lengths, size_at_t, mask = X.lengths, X.size_at_t, is_row
        else:
            longest = int(lengths.max()) if len(lengths) else 0
            mask = _is_row(xp, lengths, longest)
            size_at_t = mask.sum(axis=0).astype("int32")
        data = ops.alloc((nB, mask.shape[1], Y.shape[1]), dtype=Y.dtype)
        data[mask] = Y
        return Padded(ops.as_contig(data.swapaxes(0, 1)), size_at_t, lengths, X.indices)

    order = xp.argsort(xp.argsort(xp.asarray(X.indices)))
    return _rows(ops, X.data.swapaxes(0, 1)[is_row], X.lengths, build, order)


def _is_row(xp: Any, lengths: Any, nT: int) -> Any:
    """(batch, time), true where a sequence has not ended."""
    return xp.arange(nT)[None, :] < xp.asarray(lengths)[:, None]
