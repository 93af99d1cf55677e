"""Hand out other frameworks' GPU memory as CuPy pointers."""

from __future__ import annotations

from typing import Any

from .._optional import require
from .modules import is_tensorflow_array, is_tensorflow_gpu_array, is_torch_array
from .streams import hold_for_cupy

ON_CUDA = (2, 13)  # kDLCUDA, kDLCUDAManaged


def pytorch_allocator(size_in_bytes: int) -> Any:
    """A CuPy memory pointer to `size_in_bytes` bytes that belong to a torch tensor."""
    cupy, torch = require("cupy"), require("torch")
    device = torch.device("cuda", cupy.cuda.Device().id)
    tensor = torch.empty(_words(size_in_bytes), dtype=torch.float32, device=device)
    hold_for_cupy(torch, tensor)
    return _pointer(cupy, tensor.data_ptr(), size_in_bytes, tensor)


def tensorflow_allocator(size_in_bytes: int) -> Any:
    """A CuPy memory pointer to `size_in_bytes` bytes that belong to a TensorFlow tensor."""
    cupy, tensorflow = require("cupy"), require("tensorflow")
    with tensorflow.device(f"/GPU:{cupy.cuda.Device().id}"):
        tensor = tensorflow.zeros(_words(size_in_bytes), dtype=tensorflow.float32)
    view = cupy.from_dlpack(FinishedTensor(tensor, cupy))
    return _pointer(cupy, view.data.ptr, size_in_bytes, (tensor, view))


def is_on_gpu(value: Any) -> bool:
    """Is this an array of another library that lies on an NVIDIA GPU?"""
    if is_tensorflow_array(value):
        return is_tensorflow_gpu_array(value)
    return hasattr(value, "__dlpack_device__") and value.__dlpack_device__()[0] in ON_CUDA


def from_gpu(cupy: Any, value: Any) -> Any:
    """An array of another library as one of CuPy, in the same memory, after what its stream has to do."""
    if is_torch_array(value):
        value = value.detach()
        hold_for_cupy(require("torch"), value)
    elif is_tensorflow_array(value):
        value = FinishedTensor(value, cupy)
    return cupy.from_dlpack(value)


class FinishedTensor:
    """A tensor on a GPU for CuPy, which asks with a stream: TensorFlow refuses that, so its device is waited for."""

    def __init__(self, tensor: Any, cupy: Any):
        self._tensor, self._cupy = tensor, cupy
        self._device = int(tensor.device.rpartition("GPU:")[2])

    def __dlpack_device__(self) -> tuple[int, int]:
        return ON_CUDA[0], self._device

    def __dlpack__(self, **_: Any) -> Any:
        capsule = require("tensorflow").experimental.dlpack.to_dlpack(self._tensor)
        self._cupy.cuda.Device(self._device).synchronize()
        return capsule


def _words(size_in_bytes: int) -> int:
    """Enough float32, and at least 1024 bytes of them: small blocks would fragment the memory."""
    return (max(size_in_bytes, 1024) + 3) // 4


def _pointer(cupy: Any, address: int, size: int, owner: Any) -> Any:
    """The memory is freed when the pointer drops `owner`."""
    return cupy.cuda.MemoryPointer(cupy.cuda.UnownedMemory(address, size, owner), 0)
