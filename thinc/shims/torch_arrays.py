"""Move arrays between thinc and PyTorch."""

from typing import Any

import numpy

from .._optional import is_loaded
from ..backends import CupyOps, MPSOps, NumpyOps, get_current_ops
from ..errors import BorderError, MissingFrameworkError
from ..interop import Framework, is_numpy_array, is_torch_array, seed_late

TORCH = Framework("torch", "torch.from_dlpack", release=lambda tensor: tensor.detach())


def import_torch() -> Any:
    """The torch module.  Raises MissingFrameworkError."""
    is_first_use = not is_loaded("torch")
    try:
        import torch
    except ImportError as error:
        raise MissingFrameworkError(
            "PyTorch is not installed. Install it with `pip install 'thinc[torch]'`."
        ) from error
    if is_first_use:
        seed_late("torch")
    return torch


def get_torch_default_device() -> Any:
    """The torch device that goes with the current ops."""
    torch = import_torch()
    ops = get_current_ops()
    if isinstance(ops, CupyOps):
        return torch.device("cuda", torch.cuda.current_device())
    if isinstance(ops, MPSOps):
        return torch.device("mps")
    return torch.device("cpu")


def xp2torch(xp_tensor: Any, requires_grad: bool = False, device: Any = None) -> Any:
    """An array as a tensor, sharing memory where that is safe.

    Read-only, negatively strided or byte-swapped memory is copied.  Integers
    can't have gradients: `requires_grad` is ignored for them.
    """
    torch = import_torch()
    if is_torch_array(xp_tensor):
        tensor = xp_tensor.detach()
    elif is_numpy_array(xp_tensor):
        tensor = numpy2torch(xp_tensor, torch)
    else:
        tensor = torch.from_dlpack(xp_tensor)
    target = get_torch_default_device() if device is None else device
    if tensor.device != target:
        tensor = tensor.to(target)
    if requires_grad and (tensor.is_floating_point() or tensor.is_complex()):
        tensor.requires_grad_()
    return tensor


def numpy2torch(array: Any, torch: Any) -> Any:
    """A CPU tensor.  `from_numpy` raises where `from_dlpack` aborts the process."""
    try:
        if array.flags.writeable and 0 not in array.strides:
            return torch.from_numpy(array)
        return torch.from_numpy(array.copy(order="C"))
    except (TypeError, ValueError):
        pass
    try:
        native = array.dtype.newbyteorder("=")
        return torch.from_numpy(numpy.array(array, dtype=native, order="C", copy=True))
    except (TypeError, ValueError) as error:
        raise BorderError(
            f"PyTorch can't take an array of dtype {array.dtype}. Convert it to a number or bool dtype first."
        ) from error


def torch2xp(torch_tensor: Any, *, ops: Any = None) -> Any:
    """A tensor as an array, without gradient history, sharing memory if possible.

    Types that NumPy lacks (bfloat16, float8) are widened to float32.
    """
    torch = import_torch()
    tensor = torch_tensor.detach()
    if tensor.layout is not torch.strided:
        tensor = tensor.to_dense()
    if tensor.is_cuda and not (ops is not None and isinstance(ops, NumpyOps)):
        import cupy

        return cupy.from_dlpack(tensor)
    array = _to_numpy(tensor)
    if ops is not None and isinstance(ops, CupyOps):
        return ops.xp.asarray(array)
    return array


def _to_numpy(tensor: Any) -> Any:
    if tensor.device.type != "cpu":
        tensor = tensor.cpu()
    try:
        return tensor.resolve_conj().resolve_neg().numpy()
    except TypeError:
        return tensor.float().numpy()
