"""NumpyOps: all operations on the CPU."""

from typing import Any

import numpy

from .._optional import is_installed, load
from ..config import registry
from ..types import Floats1d, Ints1d
from ._accelerate import kernels
from .activation.cpu import CpuActivations
from .arrays.cpu import CpuArrays
from .dropout.cpu import CpuDropout
from .encoding.cpu import CpuEncoding
from .linear.cpu import CpuLinear
from .lookup.cpu import CpuLookup
from .normalization.cpu import CpuNormalization
from .ops import Ops
from .recurrent.cpu import CpuRecurrent
from .sequence.cpu import CpuSequences
from .sequence.lengths import check_window_lengths
from .training.cpu import CpuTraining


@registry.ops("NumpyOps")
class NumpyOps(
    CpuActivations,
    CpuDropout,
    CpuEncoding,
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


def check_seq2col_lengths(ops: Any, lengths: Ints1d | None, B: int) -> Ints1d:
    """The lengths as int32, for B rows; without lengths all rows are one sequence.

    Raises WindowError if one is below 0 or they don't sum up to B.
    """
    return ops.asarray1i([B]) if lengths is None else check_window_lengths(ops, "seq2col", B, lengths)


def cpu_clip_gradient(gradient: Floats1d, threshold: float) -> None:
    """`Ops.clip_gradient`, in place."""
    NumpyOps().clip_gradient(gradient, threshold)


def add_gradient_noise(gradient: Floats1d, noise_level: float, timestep: float) -> None:
    """gradient += N(0, noise_level / (1 + timestep)^0.55), in place, from `numpy.random`.

    Neelakantan et al. 2015, arXiv:1511.06807, section 2.  Compatibility: the published function
    leaves the gradient as it is.
    """
    variance = noise_level / (1.0 + timestep) ** 0.55
    gradient += numpy.random.normal(0.0, variance**0.5, gradient.shape).astype(gradient.dtype)


def __getattr__(name: str) -> Any:
    """has_blis, blis: whether there is BLIS, and its module or None. Nothing here uses it."""
    if name in ("has_blis", "blis"):
        return is_installed("blis") if name == "has_blis" else load("blis")
    raise AttributeError(f"thinc.backends.numpy_ops has no name '{name}'")
