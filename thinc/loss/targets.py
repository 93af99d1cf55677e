"""Turn class ids and names into arrays of targets."""

from collections.abc import Sequence
from typing import Any

import numpy

from ..backends._known import as_host, known, range_of, remember
from ..errors import LabelError
from ..interop import get_array_module, is_xp_array


def to_categorical(Y, n_classes: int | None = None, *, label_smoothing: float = 0.0):
    """T[..., c] = 1 − s where c = Y[...], else s / (n_classes − 1); float32.

    Y: class ids, an array or sequence of any rank.  n_classes: the largest id + 1 by default.
    label_smoothing: s, in [0, (n_classes − 1) / n_classes).

    Raises LabelError (an IndexError) for an id that is not below n_classes.
    """
    if isinstance(Y, (list, tuple)):
        Y = numpy.asarray(Y, dtype="int64" if len(Y) == 0 else None)
    xp = get_array_module(Y)
    low, high = _ends(Y)
    n_classes = high + 1 if n_classes is None else n_classes
    _check_smoothing(n_classes, label_smoothing)
    if low < -n_classes or high >= n_classes:  # CuPy's arrays take any index
        raise LabelError(
            f"to_categorical: the ids go from {low} to {high}, but there are {n_classes} classes, 0 to {n_classes - 1}."
        )
    T = xp.zeros((*Y.shape, n_classes), dtype="float32")
    if label_smoothing:
        T += label_smoothing / (n_classes - 1)
    ids = Y.astype("int64").ravel()
    T.reshape((-1, n_classes))[xp.arange(ids.size), ids] = 1 - label_smoothing
    return remember(T, low=0, high=1)


def _ends(ids: Any) -> tuple[int, int]:
    """The least and the largest id, read from a device only where they are not known; (0, -1) without any."""
    if not ids.size:
        return 0, -1
    found = range_of(ids)
    if found is None:
        host = as_host(ids)
        found = host.min(), host.max()
    return int(found[0]), int(found[1])


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


_LOGITS = {
    "CategoricalCrossentropy": ", or logits to SoftmaxCrossentropy(from_logits=True)",
    "SoftmaxCrossentropy": ", or set from_logits=True",
    "BinaryCrossentropy": ", or set from_logits=True",
}


def check_probabilities(loss: str, what: str, array: Any, parts: Sequence[Any] = ()) -> None:
    """Raise ValueError if a value is outside [0, 1]; NaN passes.

    parts: what the array was made of, if not of itself: a device isn't asked what they tell.
    """
    ranges = [range_of(part) for part in parts or (array,)]
    if not array.size or all(found is not None and found[0] >= 0 and found[1] <= 1 for found in ranges):
        return
    low, high = array.min(), array.max()  # without the arrays that comparisons would make
    inside = bool((low >= 0) & (high <= 1))
    if not inside and bool(((array < 0) | (array > 1)).any()):
        logits = _LOGITS[loss] if what == "guesses" else ""
        raise ValueError(
            f"{loss}: Cannot calculate a loss of {what} outside [0, 1]: they go from "
            f"{float(array.min())} to {float(array.max())}. Pass probabilities{logits}."
        )


def ids_on_host(ids: Any) -> Any:
    """Class ids of a device as an array of the host, where this knows them; anything else as it is."""
    if isinstance(ids, numpy.ndarray) or not is_xp_array(ids) or ids.ndim != 1 or ids.dtype.kind not in "iu":
        return ids
    host = known(ids).host
    return ids if host is None else host


def at_least(least: float, number: Any, dtype: Any) -> Any:
    """The larger of both: a float on the host, while a number of a device stays there."""
    xp = get_array_module(number) if is_xp_array(number) else numpy
    return max(least, float(number)) if xp is numpy else xp.maximum(number, least).astype(dtype)


def widen(guesses: Any) -> Any:
    """float16 as float32, whose logarithms and sums have room; others as they are."""
    return guesses.astype("float32") if guesses.dtype == "float16" else guesses
