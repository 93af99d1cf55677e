"""NumpyOps: all operations on the CPU."""

import numpy

from ..config import registry
from .activation.cpu import CpuActivations
from .lookup.cpu import CpuLookup
from .ops import Ops


@registry.ops("NumpyOps")
class NumpyOps(CpuActivations, CpuLookup, Ops):
    """Arrays are numpy arrays in host memory.

    use_blis: accepted for old configs; the matrix product is always numpy's.
    """

    name = "numpy"
    xp = numpy

    def __init__(self, device_type: str = "cpu", device_id: int = -1, *, use_blis: bool = True):
        super().__init__(device_type, device_id)
        self.use_blis = use_blis
