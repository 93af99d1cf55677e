"""Slopes of a number by finite differences: the yardstick of every gradient."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy

# Truncation h² and rounding eps / h of a central difference balance near h = eps^(1/3).
STEPS = {"float64": 1e-5, "float32": 1e-2, "float16": 1e-1}


def slopes(loss: Callable[[], float], array: Any, step: float | None = None) -> numpy.ndarray:
    """∂loss/∂array in float64, in the shape of the array, by central differences.

    array: writable; each entry is changed in place and put back.
    """
    found = numpy.zeros(array.shape)
    for at, left, right in one_sided(loss, array, numpy.ndindex(*array.shape), step):
        found[at] = (left + right) / 2
    return found


def one_sided(
    loss: Callable[[], float], array: Any, places: Iterable[tuple], step: float | None = None
) -> Iterator[tuple[tuple, float, float]]:
    """(place, slope to the left, slope to the right) for each place in the array.

    At a corner, such as 0 of the rectifier, the two differ; everything between them is right.
    """
    step = STEPS[str(array.dtype)] if step is None else step
    here = loss()
    for at in places:
        kept = array[at].copy()
        try:
            array[at] = kept + step
            up, above = float(array[at] - kept), loss()
            array[at] = kept - step
            down, below = float(kept - array[at]), loss()
        finally:
            array[at] = kept
        yield at, (here - below) / down, (above - here) / up
