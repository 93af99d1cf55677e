"""Convert attention and the encoders made of it."""

from functools import partial
from operator import itemgetter
from typing import Any

import numpy

from ..layers import Activation, MultiHeadAttention
from ..layers.chain import chain
from ..layers.residual import residual
from ..layers.with_array2d import with_array2d
from ..model import Model
from ..shims.torch_arrays import import_torch
from .masks import masked
from .parts import Part, param_of, put
from .registry import CantConvert, Place, converts
from .sequences import axes_of

# What the modules' forward takes, in its order.
ATTENTION = (
    "query", "key", "value", "key_padding_mask", "need_weights", "attn_mask", "average_attn_weights", "is_causal",
)  # fmt: skip
ENCODER = ("src", "mask", "src_key_padding_mask", "is_causal")
ENCODER_LAYER = ("src", "src_mask", "src_key_padding_mask", "is_causal")


@converts("torch.nn.MultiheadAttention")
def attention(module: Any, place: Place) -> Part:
    if module.bias_k is not None or module.add_zero_attn:
        raise CantConvert("adds rows to keys and values")
    if module.kdim != module.vdim:
        raise CantConvert(f"kdim is {module.kdim} and vdim {module.vdim}")
    nO = module.embed_dim
    layer = MultiHeadAttention(nO, nO, n_heads=module.num_heads, nM=module.kdim, dropout=module.dropout)
    values = {"Wo": param_of(module.out_proj.weight), "bo": _or_zeros(module.out_proj.bias, slice(None), nO)}
    for i, part in enumerate("qkv"):
        rows = slice(i * nO, (i + 1) * nO)
        if module._qkv_same_embed_dim:
            values[f"W{part}"] = param_of(module.in_proj_weight, itemgetter(rows))
        else:
            values[f"W{part}"] = param_of(getattr(module, f"{part}_proj_weight"))
        values[f"b{part}"] = _or_zeros(module.in_proj_bias, rows, nO)
    return Part(put(layer, **values), "sequences", axes_of(module), "last", partial(masked, ATTENTION))


@converts("torch.nn.TransformerEncoderLayer")
def encoder_layer(module: Any, place: Place) -> Part:
    core = _native(place, "self_attn", "sequences")
    norms = [with_array2d(_native(place, name, "rows")) for name in ("norm1", "norm2")]
    drops = [_native(place, name, "any") for name in ("dropout1", "dropout2")]
    dense = chain(
        _native(place, "linear1", "rows"), _activation(module, place),
        _native(place, "dropout", "any"), _native(place, "linear2", "rows"),
    )  # fmt: skip
    layers: list[Model] = []
    for layer, norm, drop in zip((core, with_array2d(dense)), norms, drops):
        if module.norm_first:
            layers.append(residual(chain(norm, layer, drop)))
        else:
            layers += [residual(chain(layer, drop)), norm]
    return Part(chain(*layers), "sequences", axes_of(module.self_attn), "last", partial(masked, ENCODER_LAYER))


@converts("torch.nn.TransformerEncoder")
def encoder(module: Any, place: Place) -> Part:
    names = [f"layers.{i}" for i in range(len(module.layers))]
    layers = [_native(place, name, "sequences") for name in names]
    axes = {place.child(name).axes for name in names}
    if len(axes) != 1:
        raise CantConvert("its layers take different axes")
    if module.norm is not None:
        layers.append(with_array2d(_native(place, "norm", "rows")))
    layer = chain(*layers) if len(layers) > 1 else layers[0]
    return Part(layer, "sequences", axes.pop(), "last", partial(masked, ENCODER))


def _native(place: Place, name: str, view: str) -> Model:
    """The layer of a submodule that the whole can't do without."""
    part = place.child(name)
    if part.view != view and not (view == "rows" and part.view == "any"):
        raise CantConvert(f"{name} isn't native")
    return part.layer


def _activation(module: Any, place: Place) -> Model:
    """torch keeps a function or a module."""
    functional = import_torch().nn.functional
    if "activation" in module._modules:
        return _native(place, "activation", "any")
    known = {functional.relu: "relu", functional.gelu: "gelu", functional.silu: "silu", functional.mish: "mish"}
    kind = known.get(module.activation)
    if kind is None:
        raise CantConvert(f"its activation is {getattr(module.activation, '__name__', module.activation)!r}")
    return Activation(kind)


def _or_zeros(parameter: Any, rows: slice, size: int) -> Any:
    return numpy.zeros(size) if parameter is None else param_of(parameter, itemgetter(rows))
