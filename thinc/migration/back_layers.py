"""What each native layer becomes in torch."""

from collections.abc import Callable
from typing import Any

from ..layers._gated import forward as gated
from ..layers._view import forward as view
from ..layers.activation import forward as activation
from ..layers.batchnorm import forward as batchnorm
from ..layers.conv1d import forward as conv1d
from ..layers.dropout import forward as dropout
from ..layers.embed import forward as embed
from ..layers.gelu import forward as gelu
from ..layers.glu import activate as glu
from ..layers.gru import forward as gru
from ..layers.layernorm import EPS
from ..layers.layernorm import forward as layernorm
from ..layers.linear import forward as linear
from ..layers.lstm import forward as lstm
from ..layers.mish import forward as mish
from ..layers.multiheadattention import forward as attention
from ..layers.relu import forward as relu
from ..layers.rmsnorm import forward as rmsnorm
from ..layers.sigmoid import forward as sigmoid
from ..layers.softmax import forward as softmax
from ..layers.swish import forward as swish
from ..layers.with_list import forward as with_list
from ..layers.with_padded import forward as with_padded
from ..layers.with_ragged import forward as with_ragged
from ..model import Model
from ..shims.torch_arrays import import_torch
from .back import Impossible, arguments_of, converts_back, fill
from .modules import make
from .sequences import GATES

DENSE = {linear: None, relu: "ReLU", gelu: "GELU", mish: "Mish", swish: "SiLU", sigmoid: "Sigmoid", softmax: "Softmax"}
ELEMENTWISE = {
    "relu": "ReLU", "relu6": "ReLU6", "selu": "SELU", "silu": "SiLU", "mish": "Mish", "hardswish": "Hardswish",
    "hardsigmoid": "Hardsigmoid", "sigmoid": "Sigmoid", "tanh": "Tanh", "gelu": "GELU",
}  # fmt: skip
# Kinds with settings -> the module, and its arguments in the order of ours.
SETTINGS = {
    "leaky_relu": ("LeakyReLU", ("slope",)), "elu": ("ELU", ("alpha",)), "hardtanh": ("Hardtanh", ("low", "high")),
    "softplus": ("Softplus", ("beta",)), "softmax": ("Softmax", ("axis",)), "log_softmax": ("LogSoftmax", ("axis",)),
    "glu": ("GLU", ("axis",)),
}  # fmt: skip


@converts_back(*DENSE)
def dense_module(node: Model, child: Callable) -> Any:
    nn = import_torch().nn
    module, name = _linear(node), DENSE[node._func]
    if name is None:
        return module
    if name == "Softmax":
        scale = node.attrs["softmax_temperature"]
        if scale != 1.0 or not node.attrs["softmax_normalize"]:
            raise Impossible("it has a temperature or gives bare scores")
        return nn.Sequential(module, nn.Softmax(-1))
    return nn.Sequential(module, getattr(nn, name)())


@converts_back(gated)
def gated_module(node: Model, child: Callable) -> Any:
    if arguments_of(node)[0] is not glu:
        raise Impossible("torch has no module for this gate")
    nn = import_torch().nn
    return nn.Sequential(_linear(node), nn.GLU(-1))


@converts_back(activation)
def activation_module(node: Model, child: Callable) -> Any:
    nn, kind = import_torch().nn, node.attrs["kind"]
    if kind == "gelu_tanh":
        return nn.GELU("tanh")
    if kind in ELEMENTWISE:
        return getattr(nn, ELEMENTWISE[kind])()
    name, names = SETTINGS[kind]
    return getattr(nn, name)(*(node.attrs[setting] for setting in names))


@converts_back(embed)
def embedding(node: Model, child: Callable) -> Any:
    if node.attrs.get("dropout_rate"):
        raise Impossible("it drops whole columns; set_dropout_rate(model, 0.0) first")
    E, padding = node.get_param("E"), node.attrs.get("padding_idx")
    return fill(import_torch().nn.Embedding(*E.shape, padding_idx=padding), node, weight="E")


@converts_back(layernorm)
def layer_norm(node: Model, child: Callable) -> Any:
    module = import_torch().nn.LayerNorm(node.get_dim("nI"), node.attrs.get("eps", EPS))
    return fill(module, node, weight="G", bias="b")


@converts_back(rmsnorm)
def rms_norm(node: Model, child: Callable) -> Any:
    return fill(import_torch().nn.RMSNorm(node.get_dim("nI"), node.attrs["eps"]), node, weight="G")


@converts_back(batchnorm)
def batch_norm(node: Model, child: Callable) -> Any:
    if node.is_frozen("mean") or node.is_frozen("variance"):
        raise Impossible("its statistics are frozen, which torch knows only as evaluation")
    module = import_torch().nn.BatchNorm1d(node.get_dim("nI"), node.attrs["eps"], node.attrs["momentum"])
    return make(
        "BatchNorm", layer=fill(module, node, weight="G", bias="b", running_mean="mean", running_var="variance")
    )


@converts_back(dropout)
def dropout_module(node: Model, child: Callable) -> Any:
    return import_torch().nn.Dropout(node.attrs["dropout_rate"] * node.attrs["is_enabled"])


@converts_back(view, with_list, with_padded, with_ragged)
def inside(node: Model, child: Callable) -> Any:
    """Containers are one and the same tensor in torch."""
    return child(node.layers[0])


@converts_back(conv1d)
def convolution(node: Model, child: Callable) -> Any:
    window, nO, nI = arguments_of(node)[0], node.get_dim("nO"), node.get_dim("nI")
    module = import_torch().nn.Conv1d(nO, nI, window.size, stride=window.stride, dilation=window.dilation)
    fill(module, node, weight=("W", lambda W: W.reshape((nO, window.size, nI)).swapaxes(1, 2)), bias="b")
    return make("Conv", layer=module, left=window.left, right=window.right)


@converts_back(gru)
def gru_module(node: Model, child: Callable) -> Any:
    dirs, depth, drop = node.get_dim("dirs"), node.get_dim("depth"), node.attrs["dropout_rate"]
    nH, names = node.get_dim("nO") // dirs, {}
    for level, way in _levels(depth, dirs):
        for theirs, ours in (("weight_ih", "Wx"), ("weight_hh", "Wh"), ("bias_ih", "bx"), ("bias_hh", "bh")):
            names[f"{theirs}_l{level}{way}"] = f"{ours}_{level}{way}"
    module = import_torch().nn.GRU(
        node.get_dim("nI"), nH, depth, batch_first=True, dropout=drop if depth > 1 else 0.0, bidirectional=dirs == 2
    )
    return make("Recurrent", layer=fill(module, node, **names))


@converts_back(lstm)
def lstm_module(node: Model, child: Callable) -> Any:
    if node.attrs["dropout_rate"]:
        raise Impossible("it drops weights, and torch's drops outputs; set_dropout_rate(model, 0.0) first")
    if node.get_param("HC0").any():
        raise Impossible("it begins with a state other than zero")
    dirs, depth, nI = node.get_dim("dirs"), node.get_dim("depth"), node.get_dim("nI")
    nH, names, start = node.get_dim("nO") // dirs, {}, 0
    for level, way in _levels(depth, dirs):
        width = nH * dirs if level else nI
        for name, size in (("weight_ih", width), ("bias_ih", 0), ("weight_hh", nH), ("bias_hh", 0)):
            end = start + 4 * nH * max(1, size)
            names[f"{name}_l{level}{way}"] = ("LSTM", _gates(slice(start, end), nH, size))
            start = end
    module = import_torch().nn.LSTM(nI, nH, depth, batch_first=True, bidirectional=dirs == 2)
    return make("Recurrent", layer=fill(module, node, **names))


@converts_back(attention)
def attention_module(node: Model, child: Callable) -> Any:
    n_heads, is_causal, rotary = arguments_of(node)
    nO, nI, nM = (node.get_dim(name) for name in ("nO", "nI", "nM"))
    if rotary or nO != nI:
        raise Impossible(
            "torch has no rotary positions" if rotary else f"torch needs nO = nI, but they are {nO} and {nI}"
        )
    torch, xp = import_torch(), node.ops.xp
    module = torch.nn.MultiheadAttention(
        nO, n_heads, dropout=node.attrs["dropout_rate"], kdim=nM, vdim=nM, batch_first=True
    )
    if nM == nO:
        names: dict[str, Any] = {
            "in_proj_weight": ("Wq", lambda _: xp.concatenate([node.get_param(f"W{part}") for part in "qkv"]))
        }
    else:
        names = {f"{part}_proj_weight": f"W{part}" for part in "qkv"}
    fill(
        module,
        node,
        in_proj_bias=("bq", lambda _: xp.concatenate([node.get_param(f"b{part}") for part in "qkv"])),
        **names,
    )
    fill(module.out_proj, node, weight="Wo", bias="bo")
    return make("Attention", layer=module, is_causal=is_causal)


def _linear(node: Model) -> Any:
    nO, nI = node.get_param("W").shape
    return fill(import_torch().nn.Linear(nI, nO), node, weight="W", bias="b")


def _levels(depth: int, dirs: int) -> list[tuple[int, str]]:
    return [(level, way) for level in range(depth) for way in ("", "_reverse")[:dirs]]


def _gates(piece: slice, nH: int, width: int) -> Callable:
    """A part of the flat vector with its gates in torch's order; that permutation is its own inverse."""
    shape = (4 * nH, width) if width else (4 * nH,)
    return lambda flat: flat[piece].reshape((4, -1))[GATES].reshape(shape)
