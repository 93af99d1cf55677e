"""Use a PyTorch module as a layer."""

from collections.abc import Callable
from typing import Any

import numpy

from ..config import registry
from ..errors import ContainerError
from ..interop import convert_recursive, is_torch_array, is_xp_array
from ..model import Model
from ..shims.pytorch import PyTorchShim, torch2xp, xp2torch
from ..shims.pytorch_grad_scaler import PyTorchGradScaler
from ..shims.pytorch_rnn import PyTorchRNNShim
from ..shims.torch_fast import begin_update, predict
from ..types import ArgsKwargs, Padded


@registry.layers("PyTorchWrapper.v1")
def PyTorchWrapper(
    pytorch_model: Any,
    convert_inputs: Callable | None = None,
    convert_outputs: Callable | None = None,
) -> Model[Any, Any]:
    """Wrap a torch.nn.Module.

    convert_inputs: (model, X, is_train) -> (ArgsKwargs of tensors, get_dX)
    convert_outputs: (model, (X, Ytorch), is_train) -> (Y, get_dYtorch)
    """
    shim = PyTorchShim(pytorch_model)
    return _wrap(shim, convert_inputs, convert_outputs)


@registry.layers("PyTorchWrapper.v2")
def PyTorchWrapper_v2(
    pytorch_model: Any,
    convert_inputs: Callable | None = None,
    convert_outputs: Callable | None = None,
    mixed_precision: bool = False,
    grad_scaler: PyTorchGradScaler | None = None,
    device: Any = None,
) -> Model[Any, Any]:
    """Wrap a torch.nn.Module, with autocast and a device of one's choice."""
    shim = PyTorchShim(
        pytorch_model,
        mixed_precision=mixed_precision,
        grad_scaler=grad_scaler,
        device=device,
    )
    return _wrap(shim, convert_inputs, convert_outputs)


@registry.layers("PyTorchWrapper.v3")
def PyTorchWrapper_v3(
    pytorch_model: Any,
    convert_inputs: Callable | None = None,
    convert_outputs: Callable | None = None,
    mixed_precision: bool = False,
    grad_scaler: PyTorchGradScaler | None = None,
    device: Any = None,
    serialize_model: Callable[[Any], bytes] | None = None,
    deserialize_model: Callable[[Any, bytes, Any], Any] | None = None,
) -> Model[Any, Any]:
    """Wrap a torch.nn.Module, with a file format of one's own."""
    shim = PyTorchShim(
        pytorch_model,
        mixed_precision=mixed_precision,
        grad_scaler=grad_scaler,
        device=device,
        serialize_model=serialize_model,
        deserialize_model=deserialize_model,
    )
    return _wrap(shim, convert_inputs, convert_outputs)


@registry.layers("PyTorchRNNWrapper.v1")
def PyTorchRNNWrapper(
    pytorch_model: Any,
    convert_inputs: Callable | None = None,
    convert_outputs: Callable | None = None,
) -> Model[Padded, Padded]:
    """Wrap a recurrent module.  X, Y: Padded.  Steps after the end are never seen."""
    return _wrap(
        PyTorchRNNShim(pytorch_model),
        convert_inputs or convert_rnn_inputs,
        convert_outputs or convert_rnn_outputs,
    )


def _wrap(shim: Any, convert_inputs: Any, convert_outputs: Any) -> Model[Any, Any]:
    return Model(
        "pytorch",
        forward,
        attrs={
            "convert_inputs": convert_inputs or convert_pytorch_default_inputs,
            "convert_outputs": convert_outputs or convert_pytorch_default_outputs,
        },
        shims=[shim],
        dims={"nI": None, "nO": None},
    )


def forward(model: Model, X: Any, is_train: bool) -> tuple[Any, Callable]:
    shim = model.shims[0]
    convert_inputs = model.attrs["convert_inputs"]
    convert_outputs = model.attrs["convert_outputs"]
    if (
        type(X) is numpy.ndarray
        and type(shim) is PyTorchShim
        and convert_inputs is convert_pytorch_default_inputs
        and convert_outputs is convert_pytorch_default_outputs
        and not shim._mixed_precision
        and not shim._grad_scaler._enabled
        and shim.device.type == "cpu"
    ):
        return _forward_array(model, shim, X, is_train)
    Xtorch, get_dX = convert_inputs(model, X, is_train)
    Ytorch, torch_backprop = shim(Xtorch, is_train)
    Y, get_dYtorch = convert_outputs(model, (X, Ytorch), is_train)

    def backprop(dY: Any) -> Any:
        return get_dX(torch_backprop(get_dYtorch(dY)))

    return Y, backprop


def _forward_array(model: Any, shim: Any, X: Any, is_train: bool) -> tuple[Any, Any]:
    """The short way; a module with several outputs still takes the long way back."""
    if not is_train:
        Ytorch, backprop = predict(shim, X), _no_backprop
    else:
        Ytorch, backprop = begin_update(shim, X)
    if is_torch_array(Ytorch):
        Y = torch2xp(Ytorch, ops=model.ops)
        if is_train or Ytorch.requires_grad:  # torch would not notice a write
            Y.setflags(write=False)
        return Y, backprop
    Y, get_dYtorch = convert_pytorch_default_outputs(model, (X, Ytorch), is_train)
    return Y, (lambda dY: backprop(get_dYtorch(dY))) if is_train else backprop


def _no_backprop(dY: Any) -> Any:
    raise ValueError("PyTorchWrapper can't backprop after predict. Call it with is_train=True.")


def convert_pytorch_default_inputs(
    model: Model, X: Any, is_train: bool
) -> tuple[ArgsKwargs, Callable[[ArgsKwargs], Any]]:
    """Arrays anywhere in X become tensors; everything else goes through as it is.

    A list or tuple gives the arguments of the module, a dict its keywords.
    """
    device = model.shims[0].device

    def to_torch(array: Any) -> Any:
        return xp2torch(array, requires_grad=is_train, device=device)

    Xtorch = convert_recursive(is_xp_array, to_torch, X)

    def get_dX(dXtorch: ArgsKwargs) -> Any:
        if isinstance(X, ArgsKwargs):
            return _gradient_like(X, dXtorch)
        if isinstance(X, dict):
            return _gradient_like(X, dXtorch.kwargs)
        if isinstance(X, (tuple, list)):
            return _gradient_like(tuple(X), dXtorch.args)
        return _gradient_like(X, dXtorch.args[0])

    if isinstance(X, ArgsKwargs):
        return Xtorch, get_dX
    if isinstance(X, dict):
        return ArgsKwargs(args=(), kwargs=Xtorch), get_dX
    if isinstance(X, (tuple, list)):
        return ArgsKwargs(args=tuple(Xtorch), kwargs={}), get_dX
    return ArgsKwargs(args=(Xtorch,), kwargs={}), get_dX


def _gradient_like(X: Any, dXtorch: Any) -> Any:
    """dX in the structure of X; zeros where torch has no gradient."""
    if is_xp_array(X):
        return numpy.zeros_like(X) if dXtorch is None else torch2xp(dXtorch)
    if isinstance(X, ArgsKwargs):
        args = _gradient_like(tuple(X.args), dXtorch.args)
        return ArgsKwargs(args, _gradient_like(X.kwargs, dXtorch.kwargs))
    if isinstance(X, dict):
        return {key: _gradient_like(X[key], dXtorch[key]) for key in X}
    if isinstance(X, (tuple, list)):
        items = [_gradient_like(x, dx) for x, dx in zip(X, dXtorch)]
        return type(X)(*items) if hasattr(X, "_fields") else type(X)(items)
    return X


def convert_pytorch_default_outputs(
    model: Model, X_Ytorch: Any, is_train: bool
) -> tuple[Any, Callable[[Any], ArgsKwargs]]:
    """Tensors anywhere in Y become arrays, read-only in training.

    The arrays share memory with what torch saved for its backward pass, and torch
    would not notice a write.
    """
    _, Ytorch = X_Ytorch

    def to_array(tensor: Any) -> Any:
        array = torch2xp(tensor, ops=model.ops)
        if (is_train or tensor.requires_grad) and hasattr(array, "setflags"):
            array.setflags(write=False)
        return array

    Y = convert_recursive(is_torch_array, to_array, Ytorch)

    def get_dYtorch(dY: Any) -> ArgsKwargs:
        tensors, grads = [], []
        for tensor, grad in _pairs(Ytorch, dY):
            if grad is not None and tensor.requires_grad:
                grad = xp2torch(grad, device=tensor.device).to(tensor.dtype)
                tensors.append(tensor)
                grads.append(grad)
        single = is_torch_array(Ytorch) and bool(grads)
        dYtorch = grads[0] if single else tuple(grads)
        return ArgsKwargs(args=(tuple(tensors),), kwargs={"grad_tensors": dYtorch})

    return Y, get_dYtorch


def _pairs(Ytorch: Any, dY: Any) -> Any:
    """Every output tensor with its gradient, None where there is none."""
    if is_torch_array(Ytorch):
        yield Ytorch, dY
    elif isinstance(Ytorch, dict):
        for key, tensor in Ytorch.items():
            yield from _pairs(tensor, None if dY is None else dY.get(key))
    elif isinstance(Ytorch, (tuple, list)):
        if dY is None:
            dY = (None,) * len(Ytorch)
        if not isinstance(dY, (tuple, list)) or len(dY) != len(Ytorch):
            raise ContainerError(
                f"PyTorchWrapper got dY as {type(dY).__name__} for {len(Ytorch)} "
                "outputs. Give it one gradient, or None, for each."
            )
        for tensor, grad in zip(Ytorch, dY):
            yield from _pairs(tensor, grad)


def convert_rnn_inputs(model: Model, Xp: Padded, is_train: bool) -> tuple[ArgsKwargs, Callable[[ArgsKwargs], Padded]]:
    """The data of Xp and no initial state.  Xp.data: (time, batch, width)."""
    shim = model.shims[0]
    X = xp2torch(Xp.data, requires_grad=is_train, device=shim.device)
    inputs = ArgsKwargs(args=(X, None), kwargs={})
    if isinstance(shim, PyTorchRNNShim) and shim.packs:
        inputs = ArgsKwargs(args=(X, None), kwargs={"lengths": list(map(int, Xp.lengths))})

    def get_dX(dXtorch: ArgsKwargs) -> Padded:
        dX = dXtorch.args[0]
        data = numpy.zeros_like(Xp.data) if dX is None else torch2xp(dX)
        return Padded(data, Xp.size_at_t, Xp.lengths, Xp.indices)

    return inputs, get_dX


def convert_rnn_outputs(
    model: Model, inputs_outputs: Any, is_train: bool
) -> tuple[Padded, Callable[[Padded], ArgsKwargs]]:
    """The first output of the module; its final state is dropped."""
    Xp, Ytorch = inputs_outputs
    data, get_dYtorch = convert_pytorch_default_outputs(model, (Xp, Ytorch[0]), is_train)

    def get_dY(dYp: Padded) -> ArgsKwargs:
        return get_dYtorch(dYp.data)

    return Padded(data, Xp.size_at_t, Xp.lengths, Xp.indices), get_dY
