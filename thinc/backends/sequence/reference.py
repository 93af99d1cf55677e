"""Pack, unpack and window ragged sequences in plain array operations."""

from collections.abc import Sequence
from typing import Any

import numpy

from ...errors import ShapeError
from ...types import Floats2d, Ints1d, Padded, Shape
from .._known import as_ints, inherit
from .lengths import check_window_lengths, starts_of
from .reductions import Reductions


class Sequences(Reductions):
    """Lists, flat arrays and padded arrays of sequences; windows; reductions."""

    def flatten(self, X: Sequence[Any], dtype: Any = None, pad: int = 0, ndim_if_empty: int = 2) -> Any:
        """Concatenate a list along axis 0; empty items are left out.

        pad: so many zero rows before every item and after the last.
        """
        if X is None or len(X) == 0:
            return self.alloc((0,) * ndim_if_empty, dtype=dtype or "f")
        full = [x for x in X if x.size]
        if not full:
            return self.alloc(X[0].shape, dtype=dtype or X[0].dtype)
        if pad:
            border = self.alloc((pad,) + full[0].shape[1:], dtype=full[0].dtype)
            full = [part for x in full for part in (border, x)] + [border]
        try:
            flat = self.xp.concatenate(full)
        except ValueError as error:
            raise ShapeError(
                f"flatten: the items have the shapes {[x.shape for x in full][:10]}. All axes but the first must agree."
            ) from error
        return flat if dtype is None else self.asarray(flat, dtype=dtype)

    def unflatten(self, X: Any, lengths: Ints1d, pad: int = 0) -> list[Any]:
        """Split into len(lengths) arrays; the inverse of `flatten`. Rows left over are ignored."""
        items, start = [], 0
        for length in as_ints(lengths):
            if length > 0:
                start += max(pad, 0)
            items.append(X[start : start + max(length, 0)])
            start += max(length, 0)
        return items if isinstance(X, numpy.ndarray) else [inherit(item, X) for item in items]

    def pad(self, seqs: Sequence[Any], round_to: int = 1) -> Any:
        """(n, longest, ...): the sequences with zeros after them.

        round_to: the longest is rounded up to a multiple of it.
        """
        if round_to < 1:
            raise ShapeError(f"Rounding for padding must at least be 1, was: {round_to}")
        if len(seqs) == 0:
            raise ShapeError("pad: the list is empty. At least one sequence is needed.")
        kinds = {(x.ndim, str(x.dtype), x.shape[1:]) for x in seqs}
        if len(kinds) > 1:
            raise ShapeError(
                "pad: the sequences differ in their axes, dtype or width: "
                f"{sorted(map(str, kinds))}. They have to be the same."
            )
        longest = max(len(x) for x in seqs)
        longest = -(-longest // round_to) * round_to
        return self.insert_into((len(seqs), longest) + seqs[0].shape[1:], seqs)

    def unpad(self, padded: Any, lengths: Sequence[int]) -> list[Any]:
        """The list of padded[i, :lengths[i]]."""
        return [padded[i, :length] for i, length in enumerate(as_ints(lengths))]

    def insert_into(self, shape: Shape, Xs: Sequence[Any]) -> Any:
        """Zeros of that shape, with Xs[i] in the first rows of entry i."""
        output = self.alloc(shape, dtype=Xs[0].dtype if len(Xs) else "f")
        for i, x in enumerate(Xs):
            output[i, : x.shape[0]] = x
        return output

    def list2padded(self, seqs: Sequence[Floats2d]) -> Padded:
        """A Padded batch (time, batch, ...), longest sequence first; the later of equals first."""
        if len(seqs) == 0:
            none = self.alloc1i
            return Padded(self.alloc((0, 0, 0)), none(0), none(0), none(0))
        if len(seqs) == 1:
            x = seqs[0]
            data = x.reshape((x.shape[0], 1) + x.shape[1:])
            steps = self.asarray1i([1] * x.shape[0])
            return Padded(data, steps, self.asarray1i([x.shape[0]]), self.asarray1i([0]))
        order = sorted(((len(x), i) for i, x in enumerate(seqs)), reverse=True)
        lengths = [length for length, _ in order]
        indices = [i for _, i in order]
        data = self.pad([seqs[i] for i in indices])
        data = self.as_contig(self.xp.swapaxes(data, 0, 1))
        # On the host, so that nobody has to read it back from a device.
        steps = (numpy.asarray(lengths)[None] > numpy.arange(data.shape[0])[:, None]).sum(axis=1)
        return Padded(data, self.asarray1i(steps), self.asarray1i(lengths), self.asarray1i(indices))

    def padded2list(self, padded: Padded) -> list[Floats2d]:
        """The sequences of a Padded batch, in their original order."""
        lengths = as_ints(padded.lengths)
        # The places may have gaps: a slice of a Padded keeps the original ones.
        places = as_ints(padded.indices)
        order = sorted(range(len(places)), key=places.__getitem__)
        data: Any = padded.data  # floats as the signature says; integers take the same way
        return [inherit(self.as_contig(data[: lengths[i], i]), data) for i in order]

    def seq2col(self, seq: Floats2d, nW: int, *, lengths: Ints1d | None = None) -> Floats2d:
        """Y[i] = X[i-nW] ... X[i+nW] side by side; zeros beyond the ends of a sequence.

        seq: (n, w).  Y: (n, (2·nW+1)·w).  lengths: sequences that windows do not cross.
        """
        if seq.ndim != 2:
            raise ShapeError(f"seq2col: X has the shape {seq.shape}. It needs 2 axes.")
        n, w = seq.shape
        borders = _borders(self, "seq2col", n, lengths)
        cols = self.alloc((n, 2 * nW + 1, w), dtype=seq.dtype)
        for offset in range(-nW, nW + 1):
            centers, neighbours = _window(self.xp, n, offset, borders)
            cols[centers, offset + nW] = seq[neighbours]
        return cols.reshape((n, (2 * nW + 1) * w))

    def backprop_seq2col(self, dY: Floats2d, nW: int, *, lengths: Ints1d | None = None) -> Floats2d:
        """dX[i] = Σ over the windows that contain row i; the adjoint of `seq2col`."""
        if dY.ndim != 2 or dY.shape[1] % (2 * nW + 1):
            raise ShapeError(
                f"backprop_seq2col: dY has the shape {dY.shape}. It needs 2 axes, the second "
                f"a multiple of {2 * nW + 1}."
            )
        n, w = dY.shape[0], dY.shape[1] // (2 * nW + 1)
        borders = _borders(self, "backprop_seq2col", n, lengths)
        cols = dY.reshape((n, 2 * nW + 1, w))
        dX = self.alloc((n, w), dtype=dY.dtype)
        for offset in range(-nW, nW + 1):
            centers, neighbours = _window(self.xp, n, offset, borders)
            dX[neighbours] += cols[centers, offset + nW]
        return dX

    def _reverse_sequences(self, data: Any, lengths: Ints1d) -> Any:
        """Each sequence back to front; what is beyond its length stays where it is.

        data: (time, batch, ...).  lengths: (batch,).
        """
        nT, nB = data.shape[:2]
        time = self.xp.arange(nT).reshape((-1, 1))
        lengths = self.asarray(lengths).reshape((1, -1))
        source = self.xp.where(time < lengths, lengths - 1 - time, time)
        return data[source, self.xp.arange(nB)]


def _borders(ops, op, n, lengths):
    """Start and end of its sequence for each row; None if all rows are one sequence."""
    if lengths is None:
        return None
    lengths = check_window_lengths(ops, op, n, lengths)
    repeats = lengths if ops.xp is numpy else as_ints(lengths)
    starts = ops.xp.repeat(starts_of(ops.xp, lengths), repeats)
    return starts, starts + ops.xp.repeat(lengths, repeats)


def _window(xp, n, offset, borders):
    """Rows that have a neighbour at this offset, and these neighbours; each comes once."""
    if borders is None:
        start, end = max(0, -offset), max(min(n, n - offset), 0)
        if start >= end:
            return slice(0, 0), slice(0, 0)
        return slice(start, end), slice(start + offset, end + offset)
    neighbours = xp.arange(n) + offset
    centers = xp.nonzero((neighbours >= borders[0]) & (neighbours < borders[1]))[0]
    return centers, neighbours[centers]
