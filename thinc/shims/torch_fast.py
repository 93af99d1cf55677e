"""The short way through a torch module: one NumPy array in, one tensor out."""

from collections.abc import Callable
from typing import Any

import numpy

from ..errors import ContainerError, ShapeError
from ..types import ArgsKwargs
from .shim import no_backprop
from .torch_arrays import TORCH, import_torch
from .torch_backward import run_backward


def predict(shim: Any, X: Any) -> Any:
    """Y as an array, or whatever else the module gives."""
    torch = import_torch()
    x = TORCH.take(X)
    x = x.clone() if writes_into_input(shim) else x
    with shim._gate.hold(shim._model, False), torch.no_grad():
        return shim._model(x)


def begin_update(shim: Any, X: Any, name: str) -> tuple[Any, Callable]:
    """(y, backprop); backprop takes dY, or tensors and gradients if y is not a tensor.

    name: of the layer, for messages.
    """
    torch = import_torch()
    x = TORCH.take(X)
    if x.is_floating_point() or x.is_complex():
        x.requires_grad_()
    with shim._gate.hold(shim._model, True), torch.enable_grad():
        y = shim._model(x.clone() if writes_into_input(shim) else x)

    def backprop(dY: Any) -> Any:
        nonlocal x, y
        if y is None:
            raise no_backprop(name, is_train=True)
        if isinstance(dY, ArgsKwargs):
            tensors, dys = dY.args[0], dY.kwargs["grad_tensors"]
        else:
            check_gradient(name, y, dY)
            tensors = (y,) if y.requires_grad else ()
            dys = (TORCH.take(dY).to(y.dtype),)
        leaf, x, y = x, None, None  # the activations are free as soon as this call is over
        if tensors:
            with shim._lock:
                run_backward(torch, tensors, dys)
        dX = leaf.grad
        return numpy.zeros_like(X) if dX is None else dX.numpy()

    return y, backprop


def check_gradient(name: str, y: Any, dY: Any) -> None:
    if not hasattr(dY, "shape"):
        raise ContainerError(f"Layer '{name}': dY is {type(dY).__name__}. Give it an array.")
    if tuple(dY.shape) != tuple(y.shape):
        raise ShapeError(
            f"Layer '{name}': dY has shape {tuple(dY.shape)}, its output {tuple(y.shape)}. Give one for each output."
        )


def writes_into_input(shim: Any) -> bool:
    """May a part like `ReLU(inplace=True)` write into the array of the caller?"""
    waiting = [shim._model]
    while waiting:
        part = waiting.pop()
        if part is not None:
            if getattr(part, "inplace", False) is True:
                return True
            waiting.extend(part._modules.values())
    return False
