"""Shims: models of other frameworks, held by a thinc layer; each is imported when it is first asked for."""

from typing import TYPE_CHECKING

from .. import _late, config, interop

if TYPE_CHECKING:
    from .jax import JaxShim, jax2xp, xp2jax
    from .mxnet import MXNetShim, mxnet2xp, xp2mxnet
    from .pytorch import PyTorchShim
    from .pytorch_grad_scaler import PyTorchGradScaler
    from .shim import Shim
    from .tensorflow import TensorFlowShim, keras_model_fns, maybe_handshake_model, tensorflow2xp, xp2tensorflow
    from .torch_arrays import get_torch_default_device, torch2xp, xp2torch
    from .torchscript import TorchScriptShim

_late.load_late(
    __name__,
    {
        "jax": "JaxShim @jax",
        "jax_arrays": "jax2xp xp2jax",
        "keras_models": "keras_model_fns maybe_handshake_model",
        "mxnet": "MXNetShim @mxnet",
        "mxnet_arrays": "mxnet2xp xp2mxnet",
        "pytorch": "PyTorchShim @pytorch",
        "pytorch_grad_scaler": "PyTorchGradScaler",
        "shim": "Shim",
        "tensorflow": "TensorFlowShim @tensorflow",
        "tensorflow_arrays": "tensorflow2xp xp2tensorflow",
        "torch_arrays": "get_torch_default_device torch2xp xp2torch",
        "torchscript": "TorchScriptShim",
    },
    config.registry.shims,
)
interop.seeded_by("torch", f"{__name__}.torch_arrays")
interop.seeded_by("tensorflow", f"{__name__}.tensorflow_arrays")
interop.seeded_by("mxnet", f"{__name__}.mxnet")

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
