"""NumpyOps: all operations on the CPU."""

import numpy

from ..config import registry
from ._accelerate import kernels
from .activation.cpu import CpuActivations
from .arrays.cpu import CpuArrays
from .dropout.cpu import CpuDropout
from .linear.cpu import CpuLinear
from .lookup.cpu import CpuLookup
from .normalization.cpu import CpuNormalization
from .ops import Ops
from .recurrent.cpu import CpuRecurrent
from .sequence.cpu import CpuSequences
from .training.cpu import CpuTraining


@registry.ops("NumpyOps")
class NumpyOps(
    CpuActivations,
    CpuDropout,
    CpuLinear,
    CpuLookup,
    CpuNormalization,
    CpuRecurrent,
    CpuSequences,
    CpuTraining,
    CpuArrays,
    Ops,
):
    """Arrays are numpy arrays in host memory.

    use_blis: accepted for old configs; there is one matrix product.
    """

    name = "numpy"
    xp = numpy

    def __init__(self, device_type: str = "cpu", device_id: int = -1, *, use_blis: bool = True):
        super().__init__(device_type, device_id)
        self.use_blis = use_blis

    def cblas(self):
        """The C functions sgemm, saxpy and daxpy in a new CBlas, for compiled clients."""
        try:
            from .cblas import CBlas
        except ModuleNotFoundError:  # built where no compiler is
            return super().cblas()
        table = CBlas()
        if kernels is not None:
            table.use_sgemm(kernels.sgemm())
        return table
