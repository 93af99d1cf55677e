"""Backends: the numerical operations, by device, with the choice among them."""

from typing import TYPE_CHECKING

from .. import _late, config
from .._optional import is_installed
from ._param_server import ParamServer
from .context import (
    _GLOBAL_STATE,  # noqa: F401
    _get_thread_state,  # noqa: F401  (users import it)
    _import_extra_cpu_backends,  # noqa: F401
    context_ops,
    contextvars_eq_thread_ops,
    get_array_ops,
    get_current_ops,
    get_ops,
    gpu_is_available,
    prefer_gpu,
    require_cpu,
    require_gpu,
    set_active_gpu,
    set_current_ops,
    use_ops,
)
from .numpy_ops import NumpyOps
from .ops import Ops
from .threads import empty_memory_pool, get_num_threads, set_memory_pool_limit, set_num_threads

if TYPE_CHECKING:
    from .cupy_ops import CupyOps
    from .gpu_memory import (
        context_pools,
        set_gpu_allocator,
        use_pytorch_for_gpu_memory,
        use_tensorflow_for_gpu_memory,
    )
    from .mps_ops import MPSOps

# What only programs with a GPU need; the kernels for CUDA alone are a tenth of all our modules.
_late.load_late(
    __name__,
    {
        "cupy_ops": "CupyOps @CupyOps",
        "gpu_memory": "context_pools set_gpu_allocator use_pytorch_for_gpu_memory use_tensorflow_for_gpu_memory",
        "mps_ops": "MPSOps @MPSOps",
    },
    config.registry.ops,
)
has_cupy: bool = is_installed("cupy")
# Compatibility: 9.x names it; the package thinc_apple_ops brings its own class.
AppleOps = None

__all__ = [
    "empty_memory_pool",
    "get_num_threads",
    "set_memory_pool_limit",
    "set_num_threads",
    "AppleOps",
    "CupyOps",
    "MPSOps",
    "NumpyOps",
    "Ops",
    "ParamServer",
    "context_ops",
    "context_pools",
    "contextvars_eq_thread_ops",
    "get_array_ops",
    "get_current_ops",
    "get_ops",
    "gpu_is_available",
    "has_cupy",
    "prefer_gpu",
    "require_cpu",
    "require_gpu",
    "set_active_gpu",
    "set_current_ops",
    "set_gpu_allocator",
    "use_ops",
    "use_pytorch_for_gpu_memory",
    "use_tensorflow_for_gpu_memory",
]
