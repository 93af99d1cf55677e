"""Which Ops are in use, in this context and on this thread."""

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from importlib import import_module
from typing import Any

from .._optional import is_installed, load
from ..config import registry
from ..errors import DeviceError
from ..interop import is_cupy_array
from .numpy_ops import NumpyOps
from .ops import Ops

context_ops: ContextVar[Ops | None] = ContextVar("context_ops", default=None)

# Notebooks may run each cell in a context of its own; the mirror lets us notice.
_THREAD_STATE = threading.local()
# Compatibility: the name is imported elsewhere; nothing is kept here.
_GLOBAL_STATE: dict[str, Any] = {"ops": None}


def get_ops(name: str, **kwargs: Any) -> Ops:
    """New Ops by name: "numpy", "cupy", "mps", another registered one, or "cpu".

    "cpu" is the best registered backend for this processor.
    """
    if name == "cpu":
        _import_extra_cpu_backends()
    # The processor asks for nothing that a GPU needs: the kernels for CUDA take longer to import than all others.
    registered = registry.ops.get_loaded() if name in ("cpu", NumpyOps.name) else registry.ops.get_all()
    by_name: dict[str, Callable[..., Ops]] = {cls.name: cls for cls in registered.values()}
    by_name[NumpyOps.name] = NumpyOps
    wanted = ("bigendian", "apple", "numpy") if name == "cpu" else (name,)
    for candidate in wanted:
        if candidate in by_name:
            return by_name[candidate](**kwargs)
    raise DeviceError(f"get_ops: got {name!r}; give 'cpu' or one of {sorted(by_name)}")


def get_array_ops(arr: Any) -> Ops:
    """The Ops that can work on this array, on the device where it lies."""
    return _cupy_ops(arr.device.id) if is_cupy_array(arr) else NumpyOps()


def _cupy_ops(device_id: int) -> Ops:
    from .cupy_ops import CupyOps

    return CupyOps(device_id=device_id)


def get_current_ops() -> Ops:
    """The Ops in use; where nothing was chosen yet, the CPU is chosen now."""
    if context_ops.get() is None:
        require_cpu()
    ops = context_ops.get()
    assert ops is not None
    return ops


def set_current_ops(ops: Ops | None) -> None:
    """Use these Ops from now on; None goes back to the state before any choice."""
    context_ops.set(ops)
    _get_thread_state().ops = ops


@contextlib.contextmanager
def use_ops(name: str | Ops, **kwargs: Any) -> Iterator[None]:
    """Use these Ops inside the `with` block.

    name: as for `get_ops`, or Ops that exist already.
    """
    chosen = name if isinstance(name, Ops) else get_ops(name, **kwargs)
    previous = context_ops.get()
    set_current_ops(chosen)
    try:
        yield
    finally:
        set_current_ops(previous)


def contextvars_eq_thread_ops() -> bool:
    """The Ops of the context and of the thread are of one type."""
    return type(context_ops.get()) is type(_get_thread_state().ops)


def require_cpu() -> bool:
    """Use the CPU from now on."""
    set_current_ops(get_ops("cpu"))
    return True


def require_gpu(gpu_id: int = 0) -> bool:
    """Use the GPU from now on; DeviceError if there is none."""
    if _has_cupy_gpu():
        set_active_gpu(gpu_id)
        set_current_ops(_cupy_ops(gpu_id))
    elif _has_mps_gpu():
        from .mps_ops import MPSOps

        set_current_ops(MPSOps())
    else:
        raise DeviceError(f"require_gpu: {_why_no_gpu()}")
    return True


def prefer_gpu(gpu_id: int = 0) -> bool:
    """Use the GPU from now on if there is one; whether there is.

    Why there is none is logged, as "thinc" at the level INFO.
    """
    if _has_cupy_gpu() or _has_mps_gpu():
        return require_gpu(gpu_id)
    import logging  # it loads more modules than this file's others together

    logging.getLogger("thinc").info("prefer_gpu: the CPU is used. %s", _why_no_gpu())
    return False


def set_active_gpu(gpu_id: int) -> Any:
    """Make this the current device of CuPy, and of PyTorch; gives CuPy's Device."""
    if not _has_cupy_gpu():
        raise DeviceError(f"set_active_gpu: {_why_no_gpu()}")
    cupy = load("cupy")
    count = cupy.cuda.runtime.getDeviceCount()
    if not 0 <= gpu_id < count:
        raise DeviceError(f"set_active_gpu: got {gpu_id}; give a number in [0, {count})")
    device = cupy.cuda.device.Device(gpu_id)
    device.use()
    torch = load("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.set_device(gpu_id)
    return device


def _get_thread_state() -> threading.local:
    """The mirror of this thread, with `ops` set."""
    if not hasattr(_THREAD_STATE, "ops"):
        _THREAD_STATE.ops = None
    return _THREAD_STATE


def _import_extra_cpu_backends() -> None:
    """Packages that register faster Ops for special processors, where installed."""
    for name in ("thinc_apple_ops", "thinc_bigendian_ops"):
        with contextlib.suppress(ImportError):
            import_module(name)


def _has_cupy_gpu() -> bool:
    cupy = load("cupy")
    if cupy is None:
        return False
    try:
        return cupy.cuda.runtime.getDeviceCount() > 0
    except cupy.cuda.runtime.CUDARuntimeError:
        return False


def _has_mps_gpu() -> bool:
    torch = load("torch")
    return torch is not None and torch.backends.mps.is_available()


def _why_no_gpu() -> str:
    """One sentence, and what to do."""
    cupy = load("cupy")
    if cupy is None and is_installed("cupy"):
        return "Cannot use GPU, CuPy is installed, but fails: run `python -c 'import cupy'`, or call require_cpu()"
    if cupy is None:
        return "Cannot use GPU, CuPy is not installed; install cupy, or call require_cpu()"
    return f"No GPU devices detected ({_count_or_error(cupy)}); check the driver, or call require_cpu()"


def _count_or_error(cupy: Any) -> str:
    """What CUDA says when it is asked for devices."""
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES")
    try:
        count = cupy.cuda.runtime.getDeviceCount()
    except cupy.cuda.runtime.CUDARuntimeError as error:
        return str(error)
    return f"CUDA counts {count}" + ("" if hidden is None else f", CUDA_VISIBLE_DEVICES is {hidden!r}")


def gpu_is_available() -> bool:
    """Is there a GPU that an Ops of ours could use?"""
    return _has_cupy_gpu() or _has_mps_gpu()
