"""Choose which framework's memory CuPy allocates from."""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from .._optional import require
from ..errors import DeviceError
from ..interop import pytorch_allocator, tensorflow_allocator
from .context import get_current_ops
from .cupy_ops import CupyOps

# One dict for all contexts that don't set their own: a pool is made once.
context_pools: ContextVar[dict[str, Any]] = ContextVar(
    "context_pools",
    default={},  # noqa: B039
)


def set_gpu_allocator(allocator: str) -> None:
    """Let CuPy take its memory from "pytorch" or "tensorflow"."""
    choices = {
        "pytorch": use_pytorch_for_gpu_memory,
        "tensorflow": use_tensorflow_for_gpu_memory,
    }
    if allocator not in choices:
        raise DeviceError(f"set_gpu_allocator: got {allocator!r}; give one of {sorted(choices)}")
    choices[allocator]()


def use_pytorch_for_gpu_memory() -> None:
    """Let CuPy take its memory from PyTorch, if the Ops in use are CuPy's."""
    require("torch")
    _use_pool("pytorch", pytorch_allocator)


def use_tensorflow_for_gpu_memory() -> None:
    """Let CuPy take its memory from TensorFlow, if the Ops in use are CuPy's."""
    require("tensorflow")
    _use_pool("tensorflow", tensorflow_allocator)


def _use_pool(name: str, allocate: Callable[[int], Any]) -> None:
    if not isinstance(get_current_ops(), CupyOps):
        return
    cupy: Any = require("cupy")
    pools = context_pools.get()
    if name not in pools:
        pools[name] = cupy.cuda.MemoryPool(allocator=allocate)
    cupy.cuda.set_allocator(pools[name].malloc)
