"""What the host knows about integers on a device, so that nobody has to wait for the device to tell.

Lengths and indices are checked before kernels use them as places in memory.  Reading them back
would make the host wait for everything before it; but most of them came from the host, or were
made by operations that can't give others.  What is known is kept as long as the array lives.
Who writes into such an array gives wrong numbers a right look: make a new array instead.  The
kernels stay within the memory in any case.
"""

import weakref
from typing import Any, NamedTuple

import numpy

MOST = 1 << 16  # numbers that are kept on the host for one array


class Known(NamedTuple):
    """host: all numbers.  low, high: every number is in [low, high).  of: a weak reference to the lengths."""

    host: Any = None
    low: int | None = None
    high: int | None = None
    of: Any = None


_NOTHING = Known()
_facts: dict[int, tuple[Any, Known]] = {}


def remember(array: Any, *, low: int | None = None, high: int | None = None, of: Any = None) -> Any:
    """Keep what is known about a new array, and give it back; nothing for arrays of the host."""
    if not isinstance(array, numpy.ndarray):
        _keep(array, Known(None, low, high, None if of is None else weakref.ref(of)))
    return array


def remember_host(array: Any, host: Any) -> Any:
    """Keep the numbers of an array that was made of those on the host, where these are few integers."""
    if not isinstance(array, numpy.ndarray) and array.dtype.kind == "i" and 0 < array.ndim <= 2 and array.size <= MOST:
        numbers = numpy.array(host, dtype=array.dtype).astype("int64")  # what does not fit is the same here as there
        low, high = (int(numbers.min()), int(numbers.max()) + 1) if numbers.size else (0, 0)
        _keep(array, Known(numbers, low, high))
    return array


def known(array: Any) -> Known:
    """What is known; arrays of the host know everything about themselves."""
    if isinstance(array, numpy.ndarray):
        return Known(host=array)
    kept = _facts.get(id(array))
    return kept[1] if kept is not None and kept[0]() is array else _NOTHING


def as_ints(numbers: Any) -> list[int]:
    """The numbers as a list of int, read from the device at once, and only where they are not known."""
    if not hasattr(numbers, "tolist"):
        return [int(number) for number in numbers]
    host = known(numbers).host
    return [int(number) for number in (numbers if host is None else host).tolist()]


def _keep(array: Any, fact: Known) -> None:
    key = id(array)
    _facts[key] = (weakref.ref(array, lambda dead: _forget(key, dead)), fact)


def _forget(key: int, dead: Any) -> None:
    """Another array may have got the address, and facts of its own."""
    kept = _facts.get(key)
    if kept is not None and kept[0] is dead:
        del _facts[key]
