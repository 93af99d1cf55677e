"""Say which optional frameworks are there; each flag looks, or imports, when first read."""

from __future__ import annotations

import platform
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ._optional import is_installed, load
from .errors import MissingFrameworkError

if TYPE_CHECKING:  # __getattr__ makes these
    has_cupy: bool
    has_cupy_gpu: bool
    has_torch: bool
    has_torch_cuda_gpu: bool
    has_torch_mps: bool
    has_torch_mps_gpu: bool
    has_torch_gpu: bool
    has_torch_amp: bool
    has_tensorflow: bool
    has_tensorflow_gpu: bool
    has_mxnet: bool
    has_os_signpost: bool
    has_gpu: bool
    has_blis: bool
    has_apple_ops: bool
    cupy: Any
    cupyx: Any
    cublas: Any
    cupy_from_dlpack: Any
    torch: Any
    tensorflow: Any
    mxnet: Any
    h5py: Any
    os_signpost: Any
    blis: Any
    cupy_version: Any
    torch_version: Any

__all__ = ["cupy", "cupyx", "torch", "tensorflow", "mxnet", "h5py", "os_signpost"]


def __getattr__(name: str) -> Any:
    """Compute a flag and keep it. An absent framework's module reads as None."""
    if name not in _FLAGS:
        raise AttributeError(f"thinc has no flag or framework '{name}'")
    if name in globals():
        return globals()[name]  # asked through thinc.util, which uses this function too
    value = _FLAGS[name]()
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_FLAGS})


def enable_tensorflow() -> None:
    """Import TensorFlow and set the flags. Compatibility: nothing needs this any more."""
    _enable("tensorflow", "has_tensorflow", "has_tensorflow_gpu")


def enable_mxnet() -> None:
    """Import MXNet and set the flags. Compatibility: nothing needs this any more."""
    _enable("mxnet", "has_mxnet")


def _enable(framework: str, *flags: str) -> None:
    warnings.warn(
        f"enable_{framework}() is deprecated: {framework} is found by itself.", DeprecationWarning, stacklevel=3
    )
    for name in (framework, *flags):
        globals().pop(name, None)
        __getattr__(name)


def _mxnet() -> Any:
    from .shims.mxnet_import import import_mxnet

    try:
        return import_mxnet()  # the plain import fails under NumPy 2
    except MissingFrameworkError:
        return None


def _version(framework: str) -> Any:
    module = load(framework)
    return None if module is None else _Version(module.__version__)


class _Version(str):
    """A version that also compares with tuples of numbers by `release`."""

    @property
    def release(self) -> tuple[int, ...]:
        numbers = []
        for part in self.partition("+")[0].split("."):
            digits = part[: len(part) - len(part.lstrip("0123456789"))]
            if not digits:
                break
            numbers.append(int(digits))
        return tuple(numbers)


def _has_cupy_gpu() -> bool:
    cupy = load("cupy")
    try:
        return cupy is not None and cupy.cuda.runtime.getDeviceCount() > 0
    except Exception:  # no driver: CuPy's own error class
        return False


def _cublas() -> Any:
    return None if load("cupy") is None else load("cupy.cublas")


def _cupy_from_dlpack() -> Any:
    cupy = load("cupy")
    return None if cupy is None else getattr(cupy, "from_dlpack", None) or getattr(cupy, "fromDlpack", None)


def _has_torch_cuda_gpu() -> bool:
    torch = load("torch")
    return torch is not None and torch.cuda.is_available()


def _has_torch_mps() -> bool:
    torch = load("torch")
    return torch is not None and hasattr(torch.backends, "mps") and bool(torch.backends.mps.is_built())


def _has_torch_mps_gpu() -> bool:
    return _has_torch_mps() and bool(load("torch").backends.mps.is_available())


def _has_torch_amp() -> bool:
    torch = load("torch")
    if torch is None or _version("torch").release < (1, 9):
        return False
    return bool(torch.cuda.is_available())


def _has_tensorflow_gpu() -> bool:
    tensorflow = load("tensorflow")
    return tensorflow is not None and len(tensorflow.config.list_physical_devices("GPU")) > 0


def _has_os_signpost() -> bool:
    return platform.system() == "Darwin" and is_installed("os_signpost")


_FLAGS: dict[str, Callable[[], Any]] = {
    "has_cupy": lambda: is_installed("cupy"),
    "has_cupy_gpu": _has_cupy_gpu,
    "cupy": lambda: load("cupy"),
    "cupyx": lambda: load("cupyx"),
    "cublas": _cublas,
    "cupy_version": lambda: _version("cupy"),
    "cupy_from_dlpack": _cupy_from_dlpack,
    "has_torch": lambda: is_installed("torch"),
    "torch": lambda: load("torch"),
    "torch_version": lambda: _version("torch"),
    "has_torch_cuda_gpu": _has_torch_cuda_gpu,
    "has_torch_mps": _has_torch_mps,
    "has_torch_mps_gpu": _has_torch_mps_gpu,
    "has_torch_gpu": lambda: _has_torch_cuda_gpu() or _has_torch_mps_gpu(),
    "has_torch_amp": _has_torch_amp,
    "has_tensorflow": lambda: is_installed("tensorflow"),
    "has_tensorflow_gpu": _has_tensorflow_gpu,
    "tensorflow": lambda: load("tensorflow"),
    "has_mxnet": lambda: is_installed("mxnet"),
    "mxnet": _mxnet,
    "h5py": lambda: load("h5py"),
    "has_os_signpost": _has_os_signpost,
    "os_signpost": lambda: load("os_signpost") if _has_os_signpost() else None,
    "has_gpu": lambda: _has_cupy_gpu() or _has_torch_mps_gpu(),
    "has_blis": lambda: is_installed("blis"),
    "blis": lambda: load("blis"),
    "has_apple_ops": lambda: is_installed("thinc_apple_ops"),
}
