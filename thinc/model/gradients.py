"""Add to the gradient of a parameter in place."""

from collections.abc import Callable
from typing import Any


def add_to_grad(model: Any, name: str, add: Callable[[Any], None]) -> None:
    """Call `add(gradient)`, which must add to it in place, on the gradient of a parameter.

    For gradients that touch a few rows of a large table: `inc_grad` needs an array as large as
    the table, filled with zeros and then added, however few rows there are.
    """
    param, server = model.get_param(name), model._params
    if server.proxy is None and model.has_grad(name):
        grad = model.get_grad(name)
        if grad.shape == param.shape and grad.dtype == param.dtype:
            add(grad)
            return
    fresh = model.ops.alloc(param.shape, dtype=param.dtype)
    add(fresh)
    if server.proxy is None and not model.has_grad(name):
        model.set_grad(name, fresh)
    else:
        model.inc_grad(name, fresh)
