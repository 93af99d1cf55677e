"""Turn class ids and names into arrays of targets."""

from collections.abc import Sequence
from typing import Any

import numpy

from ..errors import LabelError
from ..interop import get_array_module


def to_categorical(Y, n_classes: int | None = None, *, label_smoothing: float = 0.0):
    """T[..., c] = 1 − s where c = Y[...], else s / (n_classes − 1); float32.

    Y: class ids, an array or sequence of any rank.  n_classes: the largest id + 1 by default.
    label_smoothing: s, in [0, (n_classes − 1) / n_classes).

    Raises LabelError (an IndexError) for an id that is not below n_classes.
    """
    if isinstance(Y, (list, tuple)):
        Y = numpy.asarray(Y, dtype="int64" if len(Y) == 0 else None)
    xp = get_array_module(Y)
    n_classes = int(xp.max(Y)) + 1 if n_classes is None else n_classes
    _check_smoothing(n_classes, label_smoothing)
    if label_smoothing == 0.0:
        rows = xp.eye(n_classes, dtype="float32")
    else:
        rows = xp.full((n_classes, n_classes), label_smoothing / (n_classes - 1), dtype="float32")
        xp.fill_diagonal(rows, 1 - label_smoothing)
    try:
        return rows[Y.astype("int64")]
    except IndexError:
        raise LabelError(
            f"to_categorical: the ids go from {int(Y.min())} to {int(Y.max())}, but there are {n_classes} classes, "
            f"0 to {n_classes - 1}."
        ) from None


def _check_smoothing(n_classes: int, label_smoothing: float) -> None:
    if label_smoothing < 0.0:
        raise ValueError(
            f"to_categorical: the label_smoothing parameter is {label_smoothing}. It must not be negative."
        )
    if label_smoothing == 0.0:
        if n_classes == 0:
            raise ValueError("to_categorical: n_classes should be at least 1, but 0 was given.")
        return
    if n_classes <= 1:
        raise ValueError(
            "to_categorical: n_classes should be greater than 1 when label smoothing is used, "
            f"but {n_classes} was given."
        )
    limit = (n_classes - 1) / n_classes
    if label_smoothing >= limit:
        raise ValueError(
            f"to_categorical: the label_smoothing parameter is {label_smoothing}. "
            f"For {n_classes} classes it must be below {limit:.4g}, or the right class is not "
            "the largest target."
        )


def ids_of_names(
    truths: Sequence[str | None],
    name_to_id: dict[str, int],
    missing_value: Any,
    neg_prefix: str | None,
) -> tuple[list[int], list[bool], list[bool]]:
    """(ids, missing, negated), one of each per truth.  LabelError (a KeyError): a name is unknown."""
    id_of: dict[Any, int] = name_to_id  # None is asked for, too
    ids, missing, negated = [], [], []
    for name in truths:
        is_missing = name == missing_value
        is_negated = False
        if not is_missing and name and neg_prefix and name.startswith(neg_prefix):
            is_negated, name = True, name[len(neg_prefix) :]
        if not is_missing and name not in id_of:
            known = ", ".join(map(repr, list(name_to_id)[:10]))
            raise LabelError(
                f"CategoricalCrossentropy: the truth {name!r} is not one of the names: {known}. "
                "Add it to `names`, or set `missing_value` or `neg_prefix` for it."
            )
        ids.append(0 if is_missing else id_of[name])
        missing.append(is_missing)
        negated.append(is_negated)
    return ids, missing, negated


def check_probabilities(loss: str, what: str, array: Any) -> None:
    """Raise ValueError if a value is outside [0, 1]; NaN passes."""
    if not array.size:
        return
    low, high = array.min(), array.max()  # without the arrays that comparisons would make
    inside = bool((low >= 0) & (high <= 1))
    if not inside and bool(((array < 0) | (array > 1)).any()):
        raise ValueError(
            f"{loss}: Cannot calculate a loss of {what} outside [0, 1]: they go from "
            f"{float(array.min())} to {float(array.max())}. Pass probabilities."
        )


def widen(guesses: Any) -> Any:
    """float16 as float32, whose logarithms and sums have room; others as they are."""
    return guesses.astype("float32") if guesses.dtype == "float16" else guesses
