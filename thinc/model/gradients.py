"""Add to the gradients of parameters in place."""

from collections.abc import Callable, Sequence
from typing import Any


def add_to_grad(model: Any, name: str, add: Callable[[Any], None]) -> None:
    """Call `add(gradient)`, which must add to it in place, on the gradient of a parameter.

    For gradients that touch a few rows of a large table: `inc_grad` needs an array as large as
    the table, filled with zeros and then added, however few rows there are.
    """
    add_to_grads(model, (name,), add)


def add_to_grads(model: Any, names: Sequence[str], add: Callable) -> Any:
    """The result of `add(*gradients)`, which must add to them in place."""
    grads, fresh = [], []
    server = model._params
    for name in names:
        param = model.get_param(name)
        grad = None if server.proxy is not None else server._grads.get((model.id, name))
        if grad is None or grad.shape != param.shape or grad.dtype != param.dtype:
            grad = model.ops.alloc(param.shape, dtype=param.dtype)
            fresh.append((name, grad))
        grads.append(grad)
    result = add(*grads)
    for name, grad in fresh:
        if server.proxy is None and not model.has_grad(name):
            model.set_grad(name, grad)
        else:
            model.inc_grad(name, grad)
    return result
