"""Move arrays between thinc and PyTorch."""

from typing import Any

import numpy

from .._optional import is_loaded
from ..backends import CupyOps, MPSOps, NumpyOps, get_current_ops
from ..errors import MissingFrameworkError
from ..interop import Framework, dtype_name, is_torch_array, seed_late, seeds, shareable
from ..interop.streams import hold_for_cupy, outliving


class TorchFramework(Framework):
    """The DLPack door with torch's own shorter ways, and its dtypes that NumPy lacks."""

    def owns(self, value: Any) -> bool:
        return isinstance(value, import_torch().Tensor)

    def take(self, array: Any) -> Any:
        # `carray`: dense, aligned and writable, hence safe to share.
        if type(array) is numpy.ndarray and array.flags.carray:
            try:
                return import_torch().from_numpy(array)
            except (TypeError, ValueError):  # byte order, a dtype torch lacks, a step below zero
                pass
        if not isinstance(array, numpy.ndarray):
            array = outliving(shareable(array), _stream_on(array.device.id))
        return super().take(array)

    def give(self, value: Any, xp: Any = None) -> Any:
        """xp: None for an array on the device of the tensor.

        Types that NumPy lacks (bfloat16, float8) are widened to float32.
        """
        if xp is numpy or xp is None:
            try:  # sharing memory, which only plain tensors on the CPU can
                return (value.detach() if value.requires_grad else value).numpy()
            except (TypeError, RuntimeError):
                pass
        tensor = value.detach()
        if tensor.layout is not import_torch().strided:
            tensor = tensor.to_dense()
        if tensor.is_cuda and xp is not numpy:
            import cupy

            if dtype_name(tensor) not in _IN_CUPY:
                tensor = tensor.float()
            hold_for_cupy(import_torch(), tensor)
            return cupy.from_dlpack(tensor)  # with the stream that is current in CuPy
        array = _to_numpy(tensor)
        return array if xp is None or xp is numpy else xp.asarray(array)

    def cast(self, value: Any, like: Any) -> Any:
        return value.to(device=like.device, dtype=like.dtype)

    def bits(self, value: Any) -> Any:
        torch = import_torch()
        tensor = value.detach().cpu().contiguous()
        kind = {1: torch.uint8, 2: torch.uint16, 4: torch.uint32}[tensor.element_size()]
        return tensor.reshape(-1).view(kind).numpy().reshape(tuple(tensor.shape))

    def from_bits(self, bits: Any, like: Any) -> Any:
        tensor = import_torch().from_numpy(numpy.ascontiguousarray(bits)).reshape(-1)
        return tensor.view(like.dtype).reshape(bits.shape).to(like.device)


TORCH = TorchFramework("torch", "torch.from_dlpack", release=lambda tensor: tensor.detach())


# What CuPy of every version can hold; the rest is widened.
_IN_CUPY = {
    *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float16", "float32", "float64", "complex64", "complex128"),
}
_torch: Any = None


def import_torch() -> Any:
    """The torch module.  Raises MissingFrameworkError."""
    global _torch
    if _torch is None:  # kept: an import statement costs 0.3 µs in every call of a layer
        is_first_use = not is_loaded("torch")
        try:
            import torch
        except ImportError as error:
            raise MissingFrameworkError(
                "PyTorch is not installed. Install it with `pip install 'thinc[torch]'`."
            ) from error
        if is_first_use:
            seed_late("torch")
        _torch = torch
    return _torch


@seeds("torch")
def _seed(seed: int) -> None:
    torch = import_torch()
    torch.manual_seed(seed % (2**64 - 1))
    if torch.cuda.is_available():
        torch.cuda.manual_seed_all(seed % (2**64 - 1))
        torch.backends.cudnn.deterministic = True
        torch.backends.cudnn.benchmark = False


def get_torch_default_device() -> Any:
    """The torch device that goes with the current ops."""
    torch = import_torch()
    ops = get_current_ops()
    if isinstance(ops, CupyOps):
        return torch.device("cuda", ops.device_id)
    if isinstance(ops, MPSOps):
        return torch.device("mps")
    return torch.device("cpu")


def xp2torch(xp_tensor: Any, requires_grad: bool = False, device: Any = None) -> Any:
    """An array as a tensor, sharing memory where that is safe.

    Read-only, negatively strided or byte-swapped memory is copied.  Integers
    can't have gradients: `requires_grad` is ignored for them.
    device: where the tensor shall lie.  Without it, an array on a GPU stays there, and one of
    the host goes to the device of the current ops.
    """
    import_torch()
    if is_torch_array(xp_tensor):
        tensor = xp_tensor.detach()
    else:
        tensor = TORCH.take(xp_tensor if hasattr(xp_tensor, "dtype") else numpy.asarray(xp_tensor))
    target = device or (tensor.device if tensor.is_cuda else get_torch_default_device())
    if tensor.device != target:
        tensor = tensor.to(target)
    if requires_grad and (tensor.is_floating_point() or tensor.is_complex()):
        tensor.requires_grad_()
    return tensor


def torch2xp(torch_tensor: Any, *, ops: Any = None) -> Any:
    """A tensor as an array, without gradient history, sharing memory if possible.

    Types that NumPy lacks (bfloat16, float8) are widened to float32.
    """
    if ops is not None and isinstance(ops, NumpyOps):
        return TORCH.give(torch_tensor, numpy)
    return TORCH.give(torch_tensor, ops.xp if isinstance(ops, CupyOps) else None)


def _stream_on(gpu: int) -> int:
    """The address of torch's current stream: 0, the default one, before it has touched a GPU."""
    cuda = import_torch().cuda
    return cuda.current_stream(gpu).cuda_stream if cuda.is_initialized() else 0


def _to_numpy(tensor: Any) -> Any:
    if tensor.device.type != "cpu":
        tensor = tensor.cpu()
    try:
        return tensor.resolve_conj().resolve_neg().numpy()
    except TypeError:
        return tensor.float().numpy()
