"""Dropout masks from a generator that fills vectors at once."""

from typing import Any

import numpy

from .._accelerate import kernels, replaces
from ..training.reference import Training


class CpuDropout(Training):
    """See `Training` for the meaning.

    The masks are not those of the reference. They depend on `numpy.random` alone, from which
    each takes one number, and so repeat under `fix_random_seed`.
    """

    @replaces(Training.get_dropout_mask)
    def get_dropout_mask(self, shape, drop):
        mask: Any = NotImplemented
        if drop is not None and 0 < drop < 1:
            mask = kernels.dropout_mask(as_sizes(shape), drop, draw_seed())
        return Training.get_dropout_mask(self, shape, drop) if mask is NotImplemented else mask


def as_sizes(shape):
    """The shape as a tuple."""
    return shape if isinstance(shape, tuple) else (shape,) if isinstance(shape, int) else tuple(shape)


def draw_seed():
    """64 bits from the generator that users seed."""
    return int(numpy.random.random() * 2**53) * 2047
