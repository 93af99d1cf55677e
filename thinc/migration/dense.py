"""Convert modules that see every row on its own."""

from typing import Any

import numpy

from ..layers import BatchNorm, Dropout, Embed, LayerNorm, Linear, RMSNorm
from ..layers.noop import noop
from .parts import Part, param_of, put
from .registry import CantConvert, Place, converts


@converts("torch.nn.Linear", "torch.nn.NonDynamicallyQuantizableLinear")
def linear(module: Any, place: Place) -> Part:
    nO, nI = module.weight.shape
    return Part(put(Linear(nO, nI), W=param_of(module.weight), b=_or(module.bias, nO, 0)), "rows", width="last")


@converts("torch.nn.Embedding")
def embedding(module: Any, place: Place) -> Part:
    if module.max_norm is not None or module.scale_grad_by_freq:
        raise CantConvert("max_norm or scale_grad_by_freq is set")
    nV, nO = module.weight.shape
    layer = put(Embed(nO, nV, padding_idx=module.padding_idx), E=param_of(module.weight))
    return Part(layer, "ids", width="last")


@converts("torch.nn.LayerNorm")
def layer_norm(module: Any, place: Place) -> Part:
    nI = _one_axis(module)
    layer = put(LayerNorm(nI, eps=module.eps), G=_or(module.weight, nI, 1), b=_or(module.bias, nI, 0))
    return Part(layer, "rows", width="last")


@converts("torch.nn.RMSNorm")
def rms_norm(module: Any, place: Place) -> Part:
    nI, eps = _one_axis(module), module.eps
    if eps is None:  # torch takes that of the input's dtype
        dtype = "float32" if module.weight is None else str(module.weight.dtype).removeprefix("torch.")
        eps = float(numpy.finfo("float32" if dtype == "bfloat16" else dtype).eps)
    return Part(put(RMSNorm(nI, eps=eps), G=_or(module.weight, nI, 1)), "rows", width="last")


@converts("torch.nn.BatchNorm1d")
def batch_norm(module: Any, place: Place) -> Part:
    if not module.track_running_stats or module.momentum is None:
        raise CantConvert("keeps no running statistics" if module.momentum is not None else "momentum is None")
    nI = module.num_features
    layer = put(
        BatchNorm(nI, momentum=module.momentum, eps=module.eps),
        mean=module.running_mean,
        variance=module.running_var,
        G=_or(module.weight, nI, 1),
        b=_or(module.bias, nI, 0),
    )
    return Part(layer, "sequences", axes=("bwt", "bw"))


@converts("torch.nn.Dropout")
def dropout(module: Any, place: Place) -> Part:
    return Part(Dropout(module.p), "any")


@converts("torch.nn.Identity")
def identity(module: Any, place: Place) -> Part:
    return Part(noop(), "any")


def _one_axis(module: Any) -> int:
    if len(module.normalized_shape) != 1:
        raise CantConvert("normalizes several axes at once")
    return module.normalized_shape[0]


def _or(parameter: Any, size: int, value: float) -> Any:
    """The parameter, or what stands for one that the module doesn't have."""
    return numpy.full(size, value) if parameter is None else param_of(parameter)
