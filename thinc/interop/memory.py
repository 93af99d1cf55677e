"""Hand out other frameworks' GPU memory as CuPy pointers."""

from __future__ import annotations

from typing import Any

from .._optional import require


def pytorch_allocator(size_in_bytes: int) -> Any:
    """A CuPy memory pointer to `size_in_bytes` bytes that belong to a torch tensor."""
    cupy, torch = require("cupy"), require("torch")
    device = torch.device("cuda", cupy.cuda.Device().id)
    tensor = torch.empty(_words(size_in_bytes), dtype=torch.float32, device=device)
    return _pointer(cupy, tensor.data_ptr(), size_in_bytes, tensor)


def tensorflow_allocator(size_in_bytes: int) -> Any:
    """A CuPy memory pointer to `size_in_bytes` bytes that belong to a TensorFlow tensor."""
    cupy, tensorflow = require("cupy"), require("tensorflow")
    with tensorflow.device(f"/GPU:{cupy.cuda.Device().id}"):
        tensor = tensorflow.zeros(_words(size_in_bytes), dtype=tensorflow.float32)
    view = cupy.from_dlpack(tensor)
    return _pointer(cupy, view.data.ptr, size_in_bytes, (tensor, view))


def _words(size_in_bytes: int) -> int:
    """Enough float32, and at least 1024 bytes of them: small blocks would fragment the memory."""
    return (max(size_in_bytes, 1024) + 3) // 4


def _pointer(cupy: Any, address: int, size: int, owner: Any) -> Any:
    """The memory is freed when the pointer drops `owner`."""
    return cupy.cuda.MemoryPointer(cupy.cuda.UnownedMemory(address, size, owner), 0)
