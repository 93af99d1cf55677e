"""MPSOps: operations beside PyTorch models that run on the GPU of a Mac."""

from ..config import registry
from .numpy_ops import NumpyOps


@registry.ops("MPSOps")
class MPSOps(NumpyOps):
    """Our arrays stay in host memory; only PyTorch's tensors go to the device."""

    name = "mps"
