"""Check the lengths of ragged batches."""

from ...errors import ShapeError
from .._known import as_host, known, remember_host


class LengthsError(ShapeError, IndexError):
    """The lengths describe other rows than the array has."""


class WindowError(ShapeError, AssertionError):
    """The lengths of a window operation are wrong. Compatibility: an AssertionError too."""


def check_lengths(ops, op, lengths, minimum=0):
    """The lengths as int32, if none is below the minimum."""
    lengths = _as_int32(ops, lengths)
    if lengths.ndim != 1:
        raise ShapeError(f"{op}: lengths must be 1-d, but the shape is {lengths.shape}.")
    least = int(as_host(lengths).min()) if lengths.size else minimum
    if least < minimum:
        limit = "> 0" if minimum else ">= 0"
        raise ShapeError(f"{op}: all sequence lengths must be {limit}, but one is {least}.")
    return lengths


def check_window_lengths(ops, op, n, lengths):
    """The lengths as int32, if they cover exactly n rows."""
    lengths = _as_int32(ops, lengths)
    host = as_host(lengths)
    if (host.size and int(host.min()) < 0) or int(host.sum()) != n:
        raise WindowError(
            f"{op}: lengths must be >= 0 and sum up to the {n} rows of the array, "
            f"but they are {host.tolist()[:10]}, in sum {int(host.sum())}."
        )
    return lengths


def check_rows(op, X, lengths, exact=False):
    """The number of rows that the lengths cover, if X has so many."""
    total = int(as_host(lengths).sum())
    if total > X.shape[0] or (exact and total != X.shape[0]):
        raise LengthsError(
            f"{op}: lengths must sum up to the number of rows, but the sum is {total} and X has the shape {X.shape}."
        )
    return total


def check_count(op, dY, lengths):
    """Raise unless there is one row of gradient per sequence."""
    if dY.shape[0] != lengths.shape[0]:
        raise ShapeError(
            f"{op}: the gradient has {dY.shape[0]} rows, but lengths must be as many; there are {lengths.shape[0]}."
        )


def _as_int32(ops, lengths):
    """What is known of lengths of another dtype is known of the new ones too."""
    converted, fact = ops.asarray1i(lengths), known(lengths)
    return converted if fact.host is None or converted is lengths else remember_host(converted, fact.host)


def starts_of(xp, lengths):
    """The first row of each sequence."""
    return xp.cumsum(lengths) - lengths
