"""Shims: models of other frameworks, held by a thinc layer."""

from .jax import JaxShim, jax2xp, xp2jax
from .mxnet import MXNetShim, mxnet2xp, xp2mxnet
from .pytorch import PyTorchShim
from .pytorch_grad_scaler import PyTorchGradScaler
from .shim import Shim
from .tensorflow import TensorFlowShim, keras_model_fns, maybe_handshake_model, tensorflow2xp, xp2tensorflow
from .torch_arrays import get_torch_default_device, torch2xp, xp2torch
from .torchscript import TorchScriptShim

__all__ = [
    "JaxShim",
    "MXNetShim",
    "PyTorchGradScaler",
    "PyTorchShim",
    "Shim",
    "TensorFlowShim",
    "TorchScriptShim",
    "get_torch_default_device",
    "jax2xp",
    "keras_model_fns",
    "maybe_handshake_model",
    "mxnet2xp",
    "tensorflow2xp",
    "torch2xp",
    "xp2jax",
    "xp2tensorflow",
    "xp2mxnet",
    "xp2torch",
]
