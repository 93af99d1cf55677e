"""Ops on a GPU work on their own device, whichever one is current outside."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from typing import Any, TypeVar

ClassT = TypeVar("ClassT", bound=type)


def on_own_device(cls: ClassT) -> ClassT:
    """Let the methods of an Ops class run with the device of its object current.

    These are the public ones, and the one that optimizers call.  What a method allocates then
    lies where the arrays of the model lie.
    """
    for name in dir(cls):
        method = getattr(cls, name)
        if (not name.startswith("_") or name == "_step_weights") and callable(method):
            setattr(cls, name, _on_device(method))
    return cls


def _on_device(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def run(self, *args, **kwargs):
        device = own_device(self)
        if device is None:
            return method(self, *args, **kwargs)
        with device:
            return method(self, *args, **kwargs)

    return run


def own_device(ops: Any) -> AbstractContextManager | None:
    """CuPy's device of these Ops, or None where it is current already."""
    if ops.device_type != "gpu" or ops.xp is None or ops.xp.cuda.runtime.getDevice() == ops.device_id:
        return None
    return ops.xp.cuda.Device(ops.device_id)
