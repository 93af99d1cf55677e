"""What the host knows about numbers on a device, so that nobody has to wait for the device to tell.

Lengths and indices are checked before kernels use them as places in memory, probabilities before
a loss uses them.  Reading them back would make the host wait for everything before it; but most
of them came from the host, or were made by operations that can't give others.  What is known is
kept as long as the array lives.  Who writes into such an array gives wrong numbers a right look:
make a new array instead.  The kernels stay within the memory in any case.
"""

import weakref
from typing import Any

import numpy

from ..interop import to_numpy

MOST = 1 << 16  # numbers that are kept on the host for one array


class Known:
    """host: all numbers.  of: a weak reference to the lengths.

    low, high: every integer is in [low, high), every float is in [low, high] or NaN.
    """

    __slots__ = ("host", "low", "high", "of")

    def __init__(self, host: Any = None, low: float | None = None, high: float | None = None, of: Any = None):
        self.host, self.low, self.high, self.of = host, low, high, of


_NOTHING = Known()
_facts: dict[int, tuple[Any, Known]] = {}


def remember(array: Any, *, low: float | None = None, high: float | None = None, of: Any = None) -> Any:
    """Keep what is known about a new array, and give it back; nothing for arrays of the host."""
    if not isinstance(array, numpy.ndarray):
        _keep(array, Known(None, low, high, None if of is None else weakref.ref(of)))
    return array


def remember_host(array: Any, host: Any) -> Any:
    """Keep what an array was made of on the host: a few integers themselves, of a few floats the range."""
    if isinstance(array, numpy.ndarray) or not 0 < array.ndim <= 2 or array.size > MOST:
        return array
    if array.dtype.kind in "iu":
        numbers = numpy.array(host, dtype=array.dtype)  # what does not fit is the same here as there
        numbers = numbers if numbers.dtype == "uint64" else numbers.astype("int64")
        low, high = (int(numbers.min()), int(numbers.max()) + 1) if numbers.size else (0, 0)
        _keep(array, Known(numbers, low, high))
    elif array.dtype.kind == "f" and array.size:
        numbers = numpy.asarray(host, dtype=array.dtype)
        _keep(array, Known(None, numpy.fmin.reduce(numbers, None), numpy.fmax.reduce(numbers, None)))
    return array


def inherit(part: Any, whole: Any) -> Any:
    """Let a part know the range of the whole, and give it back."""
    if not isinstance(part, numpy.ndarray):
        fact = known(whole)
        _keep(part, Known(None, fact.low, fact.high))
    return part


def forget(array: Any) -> Any:
    """Give an array back that is written into."""
    _facts.pop(id(array), None)
    return array


def known(array: Any) -> Known:
    """What is known; arrays of the host know everything about themselves."""
    if isinstance(array, numpy.ndarray):
        return Known(host=array)
    kept = _facts.get(id(array))
    return kept[1] if kept is not None and kept[0]() is array else _NOTHING


def as_host(numbers: Any) -> numpy.ndarray:
    """The numbers in the memory of the host, read from the device at once, and only where they are not known."""
    if not hasattr(numbers, "dtype"):
        return numpy.asarray(numbers, dtype=None if len(numbers) else "int64")
    host = known(numbers).host
    return to_numpy(numbers) if host is None else host


def range_of(array: Any) -> tuple[float, float] | None:
    """The least and the largest number that can be in an array of a device, if that is known."""
    fact = known(array)
    if fact.low is None or fact.high is None:
        return None
    return fact.low, fact.high if array.dtype.kind == "f" else fact.high - 1


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
