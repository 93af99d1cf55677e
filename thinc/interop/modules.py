"""Tell which library an array belongs to, without importing any."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy

from .._optional import load

if TYPE_CHECKING:
    from ..types import ArrayXd


def get_array_module(arr: Any) -> Any:
    """The module of `arr`, numpy or cupy; ValueError for anything else."""
    if is_numpy_array(arr):
        return numpy
    if is_cupy_array(arr):
        return sys.modules["cupy"]
    raise ValueError(
        f"Only numpy and cupy arrays are supported, but found {type(arr)} instead. "
        "If get_array_module module wasn't called directly, this might indicate a bug in Thinc."
    )


def module_of(is_on_gpu: bool) -> Any:
    """cupy for what lies on a GPU, where CuPy is there; else numpy."""
    return (load("cupy") if is_on_gpu else None) or numpy


def is_numpy_array(obj: Any) -> bool:
    return isinstance(obj, numpy.ndarray)


def is_cupy_array(obj: Any) -> bool:
    return _is_instance(obj, "cupy", "ndarray")


def is_xp_array(obj: Any) -> TypeGuard[ArrayXd]:
    """Whether `obj` is one of our own arrays: numpy's or cupy's."""
    return is_numpy_array(obj) or is_cupy_array(obj)


def is_torch_array(obj: Any) -> bool:
    return _is_instance(obj, "torch", "Tensor")


def is_torch_cuda_array(obj: Any) -> bool:
    return is_torch_array(obj) and obj.is_cuda


def is_torch_mps_array(obj: Any) -> bool:
    return is_torch_array(obj) and getattr(obj, "is_mps", False)


def is_torch_gpu_array(obj: Any) -> bool:
    return is_torch_cuda_array(obj) or is_torch_mps_array(obj)


def is_tensorflow_array(obj: Any) -> bool:
    return _is_instance(obj, "tensorflow", "Tensor")


def is_tensorflow_gpu_array(obj: Any) -> bool:
    return is_tensorflow_array(obj) and "GPU:" in str(getattr(obj, "device", ""))


def is_mxnet_array(obj: Any) -> bool:
    return _is_instance(obj, "mxnet", "nd", "NDArray")


def is_mxnet_gpu_array(obj: Any) -> bool:
    return is_mxnet_array(obj) and obj.context.device_type != "cpu"


def is_jax_array(obj: Any) -> bool:
    return _is_instance(obj, "jax", "Array")


def to_numpy(data: Any) -> numpy.ndarray:
    """`data` in the memory of the host: itself if it is there, otherwise a copy."""
    if is_numpy_array(data):
        return data
    if is_cupy_array(data):
        return data.get()
    if is_torch_array(data):
        return data.detach().cpu().numpy()
    return numpy.array(data)


def copy_array(dst: Any, src: Any) -> None:
    """Write the values of `src` into `dst`, from any of our devices to any other."""
    if is_cupy_array(dst):
        dst[...] = sys.modules["cupy"].asarray(src)
    else:
        dst[...] = to_numpy(src)


def _is_instance(obj: Any, library: str, *names: str) -> bool:
    """Nothing can be an instance of a class from a library that was never loaded."""
    found: Any = sys.modules.get(library)
    for name in names:
        found = getattr(found, name, None)
    return isinstance(found, type) and isinstance(obj, found)
