"""The short way through a torch module: one NumPy array in, tensors of any nesting out."""

from collections.abc import Callable
from typing import Any

import numpy

from ..interop import convert_recursive, pair_recursive
from .refusals import check_gradient, no_backprop
from .torch_arrays import TORCH, import_torch
from .torch_backward import run_backward


def predict(shim: Any, X: Any, xp: Any) -> Any:
    """Y.  xp: the module of its arrays."""
    torch, gate, module = import_torch(), shim._gate, shim._model
    x = TORCH.take(X)
    had_grad = torch.is_grad_enabled()
    nested = gate.enter(module, False)
    try:
        if gate.first is None or not gate.first.is_cpu:
            x = x.to(shim.device)
        if gate.writes_into_input:
            x = x.clone()
        # `torch.no_grad()` would cost 2 µs more.
        torch._C._set_grad_enabled(False)
        y = module(x)
    finally:
        torch._C._set_grad_enabled(had_grad)
        gate.leave(nested)
    return give_all(y, xp, False, torch.Tensor)


def begin_update(shim: Any, X: Any, xp: Any, name: str) -> tuple[Any, Callable]:
    """(Y, backprop).  name: of the layer, for messages."""
    torch, gate, module = import_torch(), shim._gate, shim._model
    x = TORCH.take(X)
    had_grad = torch.is_grad_enabled()
    nested = gate.enter(module, True)
    try:
        if not had_grad:
            torch._C._set_grad_enabled(True)
        if gate.first is None or not gate.first.is_cpu:
            x = x.to(shim.device)
        if x.is_floating_point() or x.is_complex():
            x.requires_grad_()
        y = module(x.clone() if gate.writes_into_input else x)
    finally:
        if not had_grad:
            torch._C._set_grad_enabled(False)
        gate.leave(nested)

    def backprop(dY: Any) -> Any:
        nonlocal x, y
        if x is None:
            raise no_backprop(name, is_train=True)
        tensors, grads = gradients_of(y, dY, name, torch.Tensor)
        leaf, x, y = x, None, None  # the activations are free as soon as this call is over
        if tensors:
            with shim._lock:
                run_backward(tuple(tensors), tuple(grads))
        dX = leaf.grad
        return numpy.zeros_like(X) if dX is None else TORCH.give(dX, numpy)

    return give_all(y, xp, True, torch.Tensor), backprop


def give_all(y: Any, xp: Any, is_train: bool, tensor_type: type) -> Any:
    """Tensors anywhere in y as arrays; read-only where torch would not notice a write."""
    kind = type(y)
    if kind is tensor_type:
        if xp is numpy and y.is_cpu:
            try:
                array = y.numpy(force=True)  # without a copy; faster than `detach().numpy()`
            except TypeError:  # bfloat16 and the like
                array = TORCH.give(y, xp)
        else:
            array = TORCH.give(y, xp)
        if (is_train or y.requires_grad) and type(array) is numpy.ndarray:
            # By name, or through `flags`, it takes 0.2 to 0.4 µs more.
            array.setflags(False)  # pyright: ignore[reportCallIssue]  NumPy takes it by position
        return array
    if kind is tuple:
        return tuple([give_all(part, xp, is_train, tensor_type) for part in y])

    def general(part: Any) -> Any:
        plain = part.detach()
        return give_all(plain, xp, is_train or part.requires_grad, type(plain))

    return convert_recursive(TORCH.owns, general, y)  # 1 µs for each part


def gradients_of(y: Any, dY: Any, name: str, tensor_type: type) -> tuple[list, list]:
    """(outputs, their gradients as tensors) where there are some."""
    tensors: list[Any] = []
    grads: list[Any] = []

    def collect(tensor: Any, dy: Any, path: str) -> None:
        if dy is not None and tensor.requires_grad:
            tensors.append(tensor)
            grads.append(TORCH.cast(TORCH.take(check_gradient(tensor, dy, path)), tensor))

    if not _collect(y, dY, tensors, grads, tensor_type):
        tensors.clear()
        grads.clear()
        pair_recursive(TORCH.owns, collect, y, dY, f"Layer '{name}': dY")
    return tensors, grads


def _collect(y: Any, dY: Any, tensors: list, grads: list, tensor_type: type) -> bool:
    """What `gradients_of` does for plain tuples and arrays; False for anything else, and mistakes."""
    kind = type(y)
    if kind is tensor_type:
        if type(dY) is not numpy.ndarray or dY.shape != y.shape:
            return False
        if y.requires_grad:
            dy = TORCH.take(dY)
            tensors.append(y)
            grads.append(dy if y.is_cpu and dy.dtype is y.dtype else TORCH.cast(dy, y))
        return True
    if kind is tuple and type(dY) in (tuple, list) and len(y) == len(dY):
        for part, d_part in zip(y, dY):
            if d_part is not None and not _collect(part, d_part, tensors, grads, tensor_type):
                return False
        return True
    return False
