"""Convert modules that read sequences row by row: recurrent ones and convolutions."""

from typing import Any

import numpy

from ..layers import GRU, LSTM, Conv1d, Dropout
from ..layers.chain import chain
from ..layers.with_padded import with_padded
from ..model import Model
from ..shims.torch_arrays import import_torch
from .parts import Part, param_of, put
from .registry import CantConvert, Place, converts

GATES = [1, 0, 3, 2]  # torch: input, forget, candidate, output; ours: forget, input, output, candidate


@converts("torch.nn.GRU")
def gru(module: Any, place: Place) -> Part:
    nO, bi = module.hidden_size * (1 + module.bidirectional), module.bidirectional
    layer = GRU(nO, module.input_size, bi=bi, depth=module.num_layers, dropout=module.dropout)
    values = {}
    for level in _levels(module):
        for kind, name in (("Wx", "weight_ih"), ("Wh", "weight_hh"), ("bx", "bias_ih"), ("bh", "bias_hh")):
            tensor = getattr(module, f"{name}_l{level}", None)
            values[f"{kind}_{level}"] = numpy.zeros(3 * module.hidden_size) if tensor is None else param_of(tensor)
    return Part(put(layer, **values), "sequences", axes=axes_of(module), width="last")


@converts("torch.nn.LSTM")
def lstm(module: Any, place: Place) -> Part:
    if module.proj_size or not module.bias:
        raise CantConvert("has projections" if module.proj_size else "has no biases")
    if len({parameter.requires_grad for parameter in module.parameters()}) > 1:
        raise CantConvert("is frozen in part")
    if not module.dropout or module.num_layers == 1:
        layer = _lstm(module, range(module.num_layers))
    else:  # ours would drop weights, torch drops what goes from one level to the next
        layers: list[Model] = []
        for level in range(module.num_layers):
            layers += [_lstm(module, [level]), Dropout(module.dropout)]
        layer = chain(*layers[:-1])
    return Part(layer, "sequences", axes=axes_of(module), width="last")


@converts("torch.nn.Conv1d")
def conv1d(module: Any, place: Place) -> Part:
    if module.groups != 1 or module.padding_mode != "zeros":
        raise CantConvert(f"groups={module.groups}" if module.groups != 1 else f"padding_mode={module.padding_mode!r}")
    nO, nI, size = module.weight.shape
    padding = {"same": None, "valid": 0}[module.padding] if isinstance(module.padding, str) else module.padding[0]
    layer = Conv1d(nO, nI, kernel_size=size, stride=module.stride[0], dilation=module.dilation[0], padding=padding)
    b = numpy.zeros(nO) if module.bias is None else param_of(module.bias)
    W = param_of(module.weight, lambda weight: weight.permute(0, 2, 1).reshape(nO, size * nI))
    return Part(put(layer, W=W, b=b), "sequences", axes=("bwt", "wt"), width="second")


def axes_of(module: Any) -> tuple[str, ...]:
    """The axes of batches and of single sequences."""
    return ("btw" if module.batch_first else "tbw", "tw")


def _levels(module: Any) -> list[str]:
    """What the names of the parameters end in, in torch as here."""
    ways = ("", "_reverse") if module.bidirectional else ("",)
    return [f"{level}{way}" for level in range(module.num_layers) for way in ways]


def _lstm(module: Any, levels: Any) -> Model:
    """These levels as one layer."""
    torch, nH, dirs = import_torch(), module.hidden_size, 1 + module.bidirectional
    pieces = []
    for level in levels:
        for way in ("", "_reverse")[:dirs]:
            for name in ("weight_ih", "bias_ih", "weight_hh", "bias_hh"):
                tensor = getattr(module, f"{name}_l{level}{way}").detach()
                pieces.append(tensor.reshape(4, nH, -1)[GATES].reshape(-1))
    flat = torch.cat(pieces)
    flat.is_frozen = not module.weight_ih_l0.requires_grad
    nI = module.input_size if levels[0] == 0 else nH * dirs
    layer: Model[Any, Any] = LSTM(nH * dirs, nI, bi=module.bidirectional, depth=len(levels))
    return with_padded(put(layer, LSTM=flat, HC0=flat.new_zeros((2, len(levels), dirs, nH))))
