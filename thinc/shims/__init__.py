"""Shims: models of other frameworks, held by a thinc layer."""

from .jax import JaxShim, jax2xp, xp2jax
from .mxnet import MXNetShim, mxnet2xp, xp2mxnet
from .pytorch import PyTorchShim
from .pytorch_grad_scaler import PyTorchGradScaler
from .shim import Shim
from .torch_arrays import get_torch_default_device, torch2xp, xp2torch
from .torchscript import TorchScriptShim

__all__ = [
    "JaxShim",
    "MXNetShim",
    "PyTorchGradScaler",
    "PyTorchShim",
    "Shim",
    "TorchScriptShim",
    "get_torch_default_device",
    "jax2xp",
    "mxnet2xp",
    "torch2xp",
    "xp2jax",
    "xp2mxnet",
    "xp2torch",
]
