"""Add to the gradients of parameters in place."""

from collections.abc import Callable, Sequence
from typing import Any

from ..optimizers import Optimizer


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
        # What `set_grad` put there may be a number, or of another shape.
        if grad is None or getattr(grad, "shape", None) != param.shape or grad.dtype != param.dtype:
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


def update_nodes(nodes: Sequence[Any], optimizer: Callable) -> None:
    """Let the optimizer change every param that has a gradient; all at once if it can."""
    parameters = [(node, name, node.get_param(name), node.get_grad(name)) for node in nodes for name in node.grad_names]
    # A subclass that replaces the call wants to see each parameter.
    if isinstance(optimizer, Optimizer) and type(optimizer).__call__ is Optimizer.__call__:
        if all(node._params.proxy is None for node, *_ in parameters):
            optimizer.update_many([((node.id, name), param, grad) for node, name, param, grad in parameters])
            return
    for node, name, _, grad in parameters:
        # The current param: one array may be that of several nodes.
        param, _ = optimizer((node.id, name), node.get_param(name), grad)
        node.set_param(name, param)
