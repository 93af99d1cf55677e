"""Move a tree of models between devices."""

from typing import Any

from .. import backends
from .._optional import require
from ..errors import DeviceError, MissingFrameworkError
from .tree import walk


class NoCupyError(DeviceError, MissingFrameworkError):
    """No GPU can be had, because cupy is missing."""


def move_to_gpu(model: Any, gpu_id: int) -> Any:
    """Move to the GPU with this number; return cupy's device object.

    Raises DeviceError without such a GPU; where cupy is missing it is an ImportError too.
    """
    try:
        cupy = require("cupy")
    except MissingFrameworkError as error:
        raise NoCupyError(f"Model {model.name!r} can't move to GPU {gpu_id}: {error}") from error
    try:
        count = cupy.cuda.runtime.getDeviceCount()
    except Exception as error:  # cupy raises types of its own for a missing driver
        raise DeviceError(f"Model {model.name!r} can't move to GPU {gpu_id}: cupy finds no GPU ({error})") from error
    if not 0 <= gpu_id < count:
        raise DeviceError(f"Model {model.name!r} can't move to GPU {gpu_id}: there are {count}")
    device = cupy.cuda.device.Device(gpu_id)
    with device:
        move_to_ops(model, backends.CupyOps(device_id=gpu_id))
    return device


def move_to_ops(model: Any, ops: Any) -> None:
    """Give every node these ops, its arrays included.

    Compatibility: the published library makes all of them float32, and a model of another precision
    another model.
    """
    for node in list(walk(model)):
        node.ops = ops
        for name in node.param_names:
            if node.has_param(name):
                node.set_param(name, ops.asarray(node.get_param(name)))
            if node.has_grad(name):
                node.set_grad(name, ops.asarray(node.get_grad(name)))
        for shim in node.shims:
            shim.to_device(ops.device_type, ops.device_id)
