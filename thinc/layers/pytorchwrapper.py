"""Use a PyTorch module as a layer."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy

from ..backends._known import as_ints
from ..config import registry
from ..interop import get_array_module
from ..model import Model
from ..shims.pytorch import PyTorchShim, torch2xp, xp2torch
from ..shims.pytorch_grad_scaler import PyTorchGradScaler
from ..shims.pytorch_rnn import PyTorchRNNShim
from ..shims.refusals import no_backprop
from ..shims.torch_backward import backward_arguments
from ..shims.torch_fast import begin_update, predict
from ..types import ArgsKwargs, Padded
from ._framework import (
    call_shim,
    check_foreign,
    convert_default_inputs,
    convert_default_outputs,
    single_use,
    wrap_shim,
)

MODULE = "a torch.nn.Module"


@registry.layers("PyTorchWrapper.v1")
def PyTorchWrapper(
    pytorch_model: Any,
    convert_inputs: Callable | None = None,
    convert_outputs: Callable | None = None,
) -> Model[Any, Any]:
    """Wrap a torch.nn.Module.

    convert_inputs: (model, X, is_train) -> (ArgsKwargs of tensors, get_dX)
    convert_outputs: (model, (X, Ytorch), is_train) -> (Y, get_dYtorch)
    Layers of one module, or of modules with common parameters, share them: the first that is updated steps with the
    sum of the gradients.  In threads only layers of the very same module wait for each other.
    The module reads the memory of X: don't write into it between the passes.

    Arrays anywhere in X become tensors.  A list or tuple gives the arguments of the module, a dict its keywords;
    a Padded or Ragged comes as such, so that a module which needs a mask can do without converters:

        class Encoder(torch.nn.Module):
            def forward(self, X):
                mask = torch.arange(len(X.data)) >= X.lengths[:, None]
                return dataclasses.replace(X, data=self.transformer(X.data, src_key_padding_mask=mask))

        model = with_padded(PyTorchWrapper(Encoder()))
    """
    check_foreign(pytorch_model, MODULE)
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
    check_foreign(pytorch_model, MODULE)
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
    check_foreign(pytorch_model, MODULE)
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
    check_foreign(pytorch_model, MODULE)
    return _wrap(
        PyTorchRNNShim(pytorch_model),
        convert_inputs or convert_rnn_inputs,
        convert_outputs or convert_rnn_outputs,
    )


def _wrap(shim: Any, convert_inputs: Any, convert_outputs: Any) -> Model[Any, Any]:
    return wrap_shim(
        shim,
        "pytorch",
        convert_inputs or convert_pytorch_default_inputs,
        convert_outputs or convert_pytorch_default_outputs,
        forward,
    )


def forward(model: Model, X: Any, is_train: bool) -> tuple[Any, Callable]:
    shim, attrs = model.shims[0], model.attrs
    if (
        type(X) is numpy.ndarray
        and type(shim) is PyTorchShim
        and attrs["convert_inputs"] is convert_pytorch_default_inputs
        and attrs["convert_outputs"] is convert_pytorch_default_outputs
        and not shim._mixed_precision
        and not shim._grad_scaler._enabled
    ):
        xp = model.ops.xp
        if is_train:
            return begin_update(shim, X, xp, model.name)
        return predict(shim, X, xp), partial(_no_backprop, model.name)
    return call_shim(model, X, is_train)


def _no_backprop(name: str, dY: Any) -> Any:
    raise no_backprop(name, is_train=False)


def convert_pytorch_default_inputs(
    model: Model, X: Any, is_train: bool
) -> tuple[ArgsKwargs, Callable[[ArgsKwargs], Any]]:
    """Arrays anywhere in X become tensors; everything else goes through as it is.

    A list or tuple gives the arguments of the module, a dict its keywords.
    Compatibility: the gradient of a list is a list; the published one is a tuple.
    """
    return convert_default_inputs(model, X, is_train)


@single_use
def convert_pytorch_default_outputs(
    model: Model, X_Ytorch: Any, is_train: bool
) -> tuple[Any, Callable[[Any], ArgsKwargs]]:
    """Tensors anywhere in Y become arrays, read-only in training.

    The callback gives the arguments of `torch.autograd.backward`.
    """
    Y, get_d_outputs = convert_default_outputs(model, X_Ytorch, is_train)

    def get_dYtorch(dY: Any) -> ArgsKwargs:
        return backward_arguments(X_Ytorch[1], get_d_outputs(dY))

    return Y, get_dYtorch


def convert_rnn_inputs(model: Model, Xp: Padded, is_train: bool) -> tuple[ArgsKwargs, Callable[[ArgsKwargs], Padded]]:
    """The data of Xp and no initial state.  Xp.data: (time, batch, width)."""
    shim = model.shims[0]
    X = xp2torch(Xp.data, requires_grad=is_train, device=shim.device)
    inputs = ArgsKwargs(args=(X, None), kwargs={})
    if isinstance(shim, PyTorchRNNShim) and shim.packs:
        inputs = ArgsKwargs(args=(X, None), kwargs={"lengths": as_ints(Xp.lengths)})

    def get_dX(dXtorch: ArgsKwargs) -> Padded:
        dX = dXtorch.args[0]
        data = get_array_module(Xp.data).zeros_like(Xp.data) if dX is None else torch2xp(dX)
        return Padded(data, Xp.size_at_t, Xp.lengths, Xp.indices)

    return inputs, get_dX


@single_use
def convert_rnn_outputs(
    model: Model, inputs_outputs: Any, is_train: bool
) -> tuple[Padded, Callable[[Padded], ArgsKwargs]]:
    """The first output of the module; its final state is dropped."""
    Xp, Ytorch = inputs_outputs
    data, get_dYtorch = convert_pytorch_default_outputs(model, (Xp, Ytorch[0]), is_train)

    def get_dY(dYp: Padded) -> ArgsKwargs:
        return get_dYtorch(dYp.data)

    return Padded(data, Xp.size_at_t, Xp.lengths, Xp.indices), get_dY
