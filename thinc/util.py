"""The front desk for helpers: names only, each lives where it belongs."""

from .backends import (
    gpu_is_available,
    prefer_gpu,
    require_cpu,
    require_gpu,
    set_active_gpu,
)
from .interop import (
    convert_recursive,
    copy_array,
    fix_random_seed,
    get_array_module,
    is_cupy_array,
    is_numpy_array,
    is_torch_array,
    is_xp_array,
    iterate_recursive,
    to_numpy,
)
from .loss import (
    to_categorical,
)
from .shims import (
    get_torch_default_device,
    torch2xp,
    xp2torch,
)
from .types import (
    DATA_VALIDATION,
    ArrayInfo,
    DataValidationError,
    data_validation,
    get_width,
    validate_fwd_input_output,
)

__all__ = [
    "ArrayInfo",
    "DATA_VALIDATION",
    "DataValidationError",
    "convert_recursive",
    "copy_array",
    "data_validation",
    "fix_random_seed",
    "get_array_module",
    "get_torch_default_device",
    "get_width",
    "gpu_is_available",
    "is_cupy_array",
    "is_numpy_array",
    "is_torch_array",
    "is_xp_array",
    "iterate_recursive",
    "prefer_gpu",
    "require_cpu",
    "require_gpu",
    "set_active_gpu",
    "to_categorical",
    "to_numpy",
    "torch2xp",
    "validate_fwd_input_output",
    "xp2torch",
]
