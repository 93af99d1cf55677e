"""Let an optimizer change the parameters of a torch module in place."""

from collections.abc import Callable
from typing import Any

from .torch_arrays import import_torch, torch2xp, xp2torch
from .updating import takes_many


def update_parameters(optimizer: Callable, parameters: list[tuple[Any, Any]]) -> None:
    """parameters: (key, torch parameter with a gradient); the gradients become zero.

    All plain ones at once where the optimizer is ours, since a call for each costs some µs.
    """
    ours = optimizer if takes_many(optimizer) else None
    rows, plain, others = [], [], []
    for key, param in parameters:
        arrays = _as_arrays(param) if ours is not None else None
        if arrays is None:
            others.append((key, param))
        else:
            rows.append((key, *arrays))
            plain.append(param)
    if rows and ours is not None:
        ours.update_many(rows)
    for param in plain:
        _tell_torch(param)
    for key, param in others:
        _update(optimizer, key, param)
        param.grad.zero_()


def is_for(owner: int, param: Any) -> bool:
    """Has the parameter a gradient that this shim may use?

    After a step the gradient is zero.  The shim that made the step goes on with zeros, which move
    the moments on; another one that holds the parameter too would count that, and weight decay, twice.
    """
    grad = param.grad
    used = getattr(grad, "_thinc_used", None)
    return grad is not None and (used is None or used[0] == owner or used[1] != grad._version)


def mark_used(owner: int, parameters: list[tuple[Any, Any]]) -> None:
    """Let other shims know which gradients were used up; whatever torch adds to one makes it new."""
    for _, param in parameters:
        grad = param.grad
        grad._thinc_used = owner, grad._version


def _as_arrays(param: Any) -> tuple[Any, Any] | None:
    """The parameter and its gradient as float arrays that share their memory; None where they can't."""
    if param.dim() == 0:
        return None
    try:
        value, grad = param.detach().numpy(), param.grad.numpy()
    except (TypeError, RuntimeError):  # on another device, sparse, negated or of a type that NumPy lacks
        return None
    plain = value.dtype in ("float32", "float64") and value.dtype == grad.dtype
    return (value, grad) if plain and value.flags.c_contiguous and grad.flags.c_contiguous else None


def _update(optimizer: Callable, key: Any, param: Any) -> None:
    torch = import_torch()
    value = torch2xp(param.detach().contiguous())
    grad = param.grad.to_dense() if param.grad.is_sparse else param.grad.contiguous()
    new, _ = optimizer(key, value, torch2xp(grad))
    with torch.no_grad():
        target = param.detach()
        source = xp2torch(new, device=target.device)
        if source.data_ptr() != target.data_ptr() or not target.is_contiguous():
            target.copy_(source.reshape(target.shape))
        else:
            _tell_torch(param)


def _tell_torch(param: Any) -> None:
    """NumPy wrote behind torch's back: pending backward passes must know."""
    import_torch().autograd.graph.increment_version(param)
