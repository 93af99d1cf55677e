"""NumpyOps: all operations on the CPU."""

import numpy

from ..config import registry
from ..errors import DTypeError
from .activation.cpu import CpuActivations
from .linear.reference import show
from .ops import Ops


@registry.ops("NumpyOps")
class NumpyOps(CpuActivations, Ops):
    """Arrays are numpy arrays in host memory.

    use_blis: accepted for old configs; the matrix product is always numpy's.
    """

    name = "numpy"
    xp = numpy

    def __init__(self, device_type: str = "cpu", device_id: int = -1, *, use_blis: bool = True):
        super().__init__(device_type, device_id)
        self.use_blis = use_blis

    def gemm(self, x, y, out=None, trans1=False, trans2=False):
        # A float64 input would silently make everything after it slow and float64.
        if x.dtype != y.dtype or x.dtype.kind != "f":
            raise DTypeError(
                f"gemm: got {show(x)} and {show(y)}; give both the same float dtype, "
                "float32 as a rule (`X.astype('float32')`)"
            )
        return super().gemm(x, y, out=out, trans1=trans1, trans2=trans2)

    gemm.__doc__ = Ops.gemm.__doc__
