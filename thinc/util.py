"""The front desk for helpers: names only, each lives where it belongs."""

from typing import TYPE_CHECKING

from . import _late, shims
from ._optional import assert_mxnet_installed, assert_pytorch_installed, assert_tensorflow_installed
from .backends import (
    gpu_is_available,
    prefer_gpu,
    require_cpu,
    require_gpu,
    set_active_gpu,
)
from .compat import __getattr__  # noqa: F401  (has_torch and the other flags, looked up when asked for)
from .interop import (
    convert_recursive,
    copy_array,
    fix_random_seed,
    get_array_module,
    is_cupy_array,
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
    iterate_recursive,
    to_numpy,
    use_nvtx_range,
)
from .loss import (
    to_categorical,
)
from .serialization import make_tempfile
from .types import (
    DATA_VALIDATION,
    ArrayInfo,
    DataValidationError,
    data_validation,
    get_width,
    partial,
    validate_fwd_input_output,
)

if TYPE_CHECKING:
    from .compat import (  # noqa: F401  (they come from __getattr__)
        has_cupy,
        has_cupy_gpu,
        has_gpu,
        has_mxnet,
        has_tensorflow,
        has_torch,
        has_torch_cuda_gpu,
        has_torch_mps,
    )
    from .shims import (
        get_torch_default_device,
        jax2xp,
        mxnet2xp,
        tensorflow2xp,
        torch2xp,
        xp2jax,
        xp2mxnet,
        xp2tensorflow,
        xp2torch,
    )

__all__ = [
    "ArrayInfo",
    "DATA_VALIDATION",
    "DataValidationError",
    "assert_mxnet_installed",
    "assert_pytorch_installed",
    "assert_tensorflow_installed",
    "convert_recursive",
    "copy_array",
    "data_validation",
    "fix_random_seed",
    "get_array_module",
    "get_torch_default_device",
    "get_width",
    "gpu_is_available",
    "has_cupy",
    "has_torch",
    "is_cupy_array",
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
    "jax2xp",
    "make_tempfile",
    "partial",
    "mxnet2xp",
    "prefer_gpu",
    "require_cpu",
    "require_gpu",
    "set_active_gpu",
    "tensorflow2xp",
    "to_categorical",
    "to_numpy",
    "torch2xp",
    "use_nvtx_range",
    "validate_fwd_input_output",
    "xp2jax",
    "xp2tensorflow",
    "xp2mxnet",
    "xp2torch",
]

_late.load_late(__name__, {"shims": " ".join({*shims.__all__} & {*__all__})})
