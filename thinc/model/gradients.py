"""Add to the gradients of parameters in place."""

from collections.abc import Callable, Sequence
from typing import Any

from ..shims.updating import takes_many


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
    rows: list[tuple[Any, Any, Any]] = []
    for node in nodes:
        _collect(node, rows)
    if takes_many(optimizer) and all(node._params.proxy is None for node in nodes):
        optimizer.update_many(rows)
        return
    owners = {node.id: node for node in nodes}
    for key, _, grad in rows:
        node, name = owners[key[0]], key[1]
        # The current param: one array may be that of several nodes.
        param, _ = optimizer(key, node.get_param(name), grad)
        node.set_param(name, param)


def _collect(node: Any, rows: list[tuple[Any, Any, Any]]) -> None:
    """Add (key, param, gradient) for each of the node's own params that has a gradient."""
    grads, i = node._params._grads, node.id
    for name in node._has_params if grads else ():
        key = (i, name)
        if key in grads:
            rows.append((key, node.get_param(name), grads[key]))
