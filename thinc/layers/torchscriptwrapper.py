"""Use a TorchScript module as a layer."""

from collections.abc import Callable
from typing import Any

from ..errors import ContainerError
from ..model import Model
from ..shims.pytorch import PyTorchShim
from ..shims.pytorch_grad_scaler import PyTorchGradScaler
from ..shims.torch_arrays import import_torch
from ..shims.torchscript import TorchScriptShim
from ._framework import wrap_shim
from .pytorchwrapper import (
    convert_pytorch_default_inputs,
    convert_pytorch_default_outputs,
    forward,
)


def TorchScriptWrapper_v1(
    torchscript_model: Any = None,
    convert_inputs: Callable | None = None,
    convert_outputs: Callable | None = None,
    mixed_precision: bool = False,
    grad_scaler: PyTorchGradScaler | None = None,
    device: Any = None,
) -> Model[Any, Any]:
    """Wrap a torch.jit.ScriptModule; with None, `from_bytes` brings the module."""
    shim = TorchScriptShim(
        model=torchscript_model,
        mixed_precision=mixed_precision,
        grad_scaler=grad_scaler,
        device=device,
    )
    return wrap_shim(
        shim,
        "pytorch_script",
        convert_inputs or convert_pytorch_default_inputs,
        convert_outputs or convert_pytorch_default_outputs,
        forward,
    )


def pytorch_to_torchscript_wrapper(model: Model) -> Model[Any, Any]:
    """A layer with the compiled module of a PyTorchWrapper."""
    shim = model.shims[0] if model.shims else None
    if not isinstance(shim, PyTorchShim):
        raise ContainerError(
            f"pytorch_to_torchscript_wrapper got layer '{model.name}', which has no "
            "PyTorch shim. Give it a PyTorchWrapper."
        )
    torch = import_torch()
    if not isinstance(shim._model, torch.nn.Module):
        raise ContainerError(
            f"pytorch_to_torchscript_wrapper got {type(shim._model).__name__} inside "
            f"layer '{model.name}'. It can only compile a torch.nn.Module."
        )
    return TorchScriptWrapper_v1(
        torch.jit.script(shim._model),
        convert_inputs=model.attrs["convert_inputs"],
        convert_outputs=model.attrs["convert_outputs"],
        mixed_precision=shim._mixed_precision,
        grad_scaler=shim._grad_scaler,
        device=shim.device,
    )
