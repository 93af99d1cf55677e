"""Run torch's backward pass from the gradients of a module's outputs."""

from functools import partial
from typing import Any

from ..interop import convert_recursive, is_torch_array, iterate_recursive, pair_recursive
from ..types import ArgsKwargs
from .torch_arrays import import_torch


def backward_arguments(outputs: Any, d_outputs: Any) -> ArgsKwargs:
    """What `torch.autograd.backward` takes, from gradients in the structure of the outputs."""
    tensors: list[Any] = []
    grads: list[Any] = []

    def collect(tensor: Any, grad: Any, path: str) -> None:
        if grad is not None and tensor.requires_grad:
            tensors.append(tensor)
            grads.append(grad)

    pair_recursive(is_torch_array, collect, outputs, d_outputs)
    single = is_torch_array(outputs) and bool(grads)
    return ArgsKwargs(args=(tuple(tensors),), kwargs={"grad_tensors": grads[0] if single else tuple(grads)})


_engine: Any = None


def run_backward(tensors: tuple, grads: tuple) -> None:
    """What `torch.autograd.backward` does, without its 20 µs of Python.

    The engine is private: the public function stands in where it has moved.
    """
    global _engine
    if _engine is None:
        torch = import_torch()
        found = getattr(torch.autograd.Variable, "_execution_engine", None)
        _engine = getattr(found, "run_backward", None) or partial(_run_publicly, torch.autograd.backward)
    # keep_graph, create_graph, inputs, allow_unreachable, accumulate_grad
    _engine(tensors, grads, False, False, (), True, True)


def _run_publicly(backward: Any, tensors: tuple, grads: tuple, *settings: Any) -> None:
    backward(tensors, grads)


def run_scaled_backward(scaler: Any, params: list, inputs: ArgsKwargs, args: tuple, kwargs: dict) -> None:
    """Backward with scaled gradients, which are unscaled at the end.

    After an overflow this call adds zeros, to the parameters too: another shim that holds them
    knows nothing of the overflow.
    """
    # Not in place: the gradients may share memory with the caller's dY.
    kwargs = {**kwargs, "grad_tensors": scaler.scale(kwargs["grad_tensors"])}
    leaves = [tensor for tensor in iterate_recursive(is_torch_array, inputs) if tensor.is_leaf]
    # Gradients from earlier calls are unscaled already: keep them apart.
    before = [param.grad for param in params]
    for param in params:
        param.grad = None
    import_torch().autograd.backward(*args, **kwargs)
    overflow = scaler.unscale([tensor.grad for tensor in (*params, *leaves) if tensor.grad is not None])
    if overflow:
        for tensor in (*params, *leaves):
            if tensor.grad is not None:
                tensor.grad.zero_()
    for param, old in zip(params, before):
        if old is not None:
            param.grad = old if param.grad is None else param.grad.add_(old)


def take_grads(inputs: ArgsKwargs) -> ArgsKwargs:
    """The inputs with each tensor replaced by its gradient or None; the gradients are let go."""
    return convert_recursive(is_torch_array, _take_grad, inputs)


def _take_grad(tensor: Any) -> Any:
    if not (tensor.is_leaf or tensor.retains_grad):
        return None
    grad = tensor.grad
    if not isinstance(tensor, import_torch().nn.Parameter):
        tensor.grad = None  # a second backprop must not see the first one's sum
    return grad
