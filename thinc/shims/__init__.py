"""Shims: models of other frameworks, held by a thinc layer."""

from .pytorch import PyTorchShim
from .pytorch_grad_scaler import PyTorchGradScaler
from .shim import Shim
from .torch_arrays import get_torch_default_device, torch2xp, xp2torch
from .torchscript import TorchScriptShim

__all__ = [
    "PyTorchGradScaler",
    "PyTorchShim",
    "Shim",
    "TorchScriptShim",
    "get_torch_default_device",
    "torch2xp",
    "xp2torch",
]
