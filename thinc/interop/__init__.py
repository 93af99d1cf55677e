"""Everything that touches another library's arrays, random state or memory."""

from typing import TYPE_CHECKING

from .. import _late
from .dlpack import Framework, aligned_copy, dtype_name, is_floating, shareable
from .modules import (
    copy_array,
    get_array_module,
    is_cupy_array,
    is_jax_array,
    is_mxnet_array,
    is_mxnet_gpu_array,
    is_numpy_array,
    is_tensorflow_array,
    is_tensorflow_gpu_array,
    is_torch_array,
    is_torch_cuda_array,
    is_torch_gpu_array,
    is_torch_mps_array,
    is_xp_array,
    module_of,
    to_numpy,
)
from .random import fix_random_seed, seed_late, seeded_by, seeds
from .structures import convert_recursive, iterate_recursive, pair_recursive

if TYPE_CHECKING:
    from ..migration import from_torch as from_torch
    from ..migration import to_torch as to_torch
    from .alignment import aligned_memory, use_aligned_memory
    from .memory import pytorch_allocator, tensorflow_allocator
    from .profiling import use_nvtx_range

# Whole models cross borders too, but what turns them stands on the storey above the layers. This
# is the one door upwards, opened when somebody asks: nothing below is loaded by it.
_late.load_late(
    __name__,
    {
        ".migration": "from_torch to_torch",
        "alignment": "aligned_memory use_aligned_memory",
        "memory": "pytorch_allocator tensorflow_allocator",
        "profiling": "use_nvtx_range",
    },
)

__all__ = [
    "Framework",
    "aligned_copy",
    "aligned_memory",
    "convert_recursive",
    "copy_array",
    "dtype_name",
    "fix_random_seed",
    "get_array_module",
    "is_cupy_array",
    "is_floating",
    "is_jax_array",
    "is_mxnet_array",
    "is_mxnet_gpu_array",
    "is_numpy_array",
    "is_tensorflow_array",
    "is_tensorflow_gpu_array",
    "is_torch_array",
    "is_torch_cuda_array",
    "is_torch_gpu_array",
    "is_torch_mps_array",
    "is_xp_array",
    "iterate_recursive",
    "module_of",
    "pair_recursive",
    "seed_late",
    "seeded_by",
    "seeds",
    "pytorch_allocator",
    "shareable",
    "tensorflow_allocator",
    "to_numpy",
    "use_aligned_memory",
    "use_nvtx_range",
]
