"""Dropout masks from a generator that fills vectors at once."""

import numpy

from .._accelerate import accelerates, kernels
from ..training.reference import Training


class CpuDropout(Training):
    """See `Training` for the meaning.

    The masks are not those of the reference. They depend on `numpy.random` alone, from which
    each takes one number, and so repeat under `fix_random_seed`.
    """

    @accelerates(Training.get_dropout_mask)
    def get_dropout_mask(self, shape, drop):
        if drop is None or not 0 < drop < 1:
            return NotImplemented
        sizes = shape if isinstance(shape, tuple) else (shape,) if isinstance(shape, int) else tuple(shape)
        return kernels.dropout_mask(sizes, drop, int(numpy.random.random() * 2**53) * 2047)
