"""Activations without weights, by their names, for any number of axes."""

from collections.abc import Callable
from functools import partial
from typing import Any

from ..config import registry
from ..model import Model
from ..types import ArrayXd

SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772


@registry.layers("Activation.v1")
def Activation(kind: str, **settings: Any) -> Model[ArrayXd, ArrayXd]:
    """Y = f(X), where f is called as in torch.  X, Y: arrays of any shape; glu halves an axis.

    Without settings: relu, relu6, selu, gelu, gelu_tanh, silu, mish, sigmoid, tanh,
    hardsigmoid (X / 6 + 1 / 2, limited to [0, 1]) and hardswish (X · hardsigmoid(X)).
    With settings and their defaults: leaky_relu (slope=0.01, below 0), elu (alpha=1.0),
    hardtanh (low=-1.0, high=1.0), softplus (beta=1.0), softmax, log_softmax and glu (axis=-1).
    Sources: torch.nn; of gelu, mish and hardswish the ops of those names.

    >>> import numpy
    >>> X = numpy.asarray([[-2.0, 0.5, 3.0]], dtype="f")
    >>> Activation("hardtanh", low=-1.0, high=2.0).predict(X).tolist()
    [[-1.0, 0.5, 2.0]]
    """
    known = KINDS.get(kind)
    if known is None:
        raise ValueError(f"Activation got kind={kind!r}. Choose one of {', '.join(KINDS)}.")
    unknown = sorted(set(settings) - set(known[1]))
    if unknown:
        raise ValueError(
            f"Activation got {', '.join(unknown)} for {kind!r}, which takes {', '.join(known[1]) or 'nothing'}."
        )
    return Model(kind, partial(forward, known[0]), attrs={"kind": kind, **known[1], **settings})


def forward(activate: Callable, model: Model, X: ArrayXd, is_train: bool) -> tuple[ArrayXd, Callable]:
    settings = {name: value for name, value in model.attrs.items() if name != "kind"}
    return activate(model.ops, X, **settings)


def relu(ops: Any, X: Any) -> tuple[Any, Callable]:
    Y = ops.relu(X)
    return Y, lambda dY: ops.backprop_relu(dY, Y)


def leaky_relu(ops: Any, X: Any, slope: float) -> tuple[Any, Callable]:
    S = ops.xp.where(X > 0, 1.0, slope).astype(X.dtype)
    return X * S, lambda dY: dY * S


def elu(ops: Any, X: Any, alpha: float, scale: float = 1.0) -> tuple[Any, Callable]:
    below = (alpha * ops.xp.expm1(ops.xp.minimum(X, 0))).astype(X.dtype)
    S = (scale * ops.xp.where(X > 0, 1.0, below + alpha)).astype(X.dtype)
    return (scale * ops.xp.where(X > 0, X, below)).astype(X.dtype), lambda dY: dY * S


def clipped(ops: Any, X: Any, low: float, high: float) -> tuple[Any, Callable]:
    def backprop(dY: Any) -> Any:
        return ops.backprop_clipped_linear(dY, X, min_val=low, max_val=high)

    return ops.clipped_linear(X, min_val=low, max_val=high), backprop


def hardsigmoid(ops: Any, X: Any) -> tuple[Any, Callable]:
    def backprop(dY: Any) -> Any:
        return ops.backprop_clipped_linear(dY, X, slope=1 / 6, offset=0.5)

    return ops.clipped_linear(X, slope=1 / 6, offset=0.5), backprop


def hardswish(ops: Any, X: Any) -> tuple[Any, Callable]:
    return ops.hard_swish_mobilenet(X), lambda dY: ops.backprop_hard_swish_mobilenet(dY, X)


def gelu(ops: Any, X: Any) -> tuple[Any, Callable]:
    return ops.gelu(X), lambda dY: ops.backprop_gelu(dY, X)


def gelu_tanh(ops: Any, X: Any) -> tuple[Any, Callable]:
    return ops.gelu_approx(X), lambda dY: ops.backprop_gelu_approx(dY, X)


def silu(ops: Any, X: Any) -> tuple[Any, Callable]:
    Y = ops.swish(X)
    return Y, lambda dY: ops.backprop_swish(dY, X, Y)


def mish(ops: Any, X: Any) -> tuple[Any, Callable]:
    return ops.mish(X), lambda dY: ops.backprop_mish(dY, X)


def softplus(ops: Any, X: Any, beta: float) -> tuple[Any, Callable]:
    Y = (ops.xp.logaddexp(0, beta * X) / beta).astype(X.dtype)
    return Y, lambda dY: dY * ops.sigmoid((beta * X).astype(X.dtype))


def sigmoid(ops: Any, X: Any) -> tuple[Any, Callable]:
    Y = ops.sigmoid(X)
    return Y, lambda dY: ops.backprop_sigmoid(dY, Y)


def tanh(ops: Any, X: Any) -> tuple[Any, Callable]:
    Y = ops.xp.tanh(X)
    return Y, lambda dY: dY * ops.dtanh(Y)


def softmax(ops: Any, X: Any, axis: int) -> tuple[Any, Callable]:
    Y = ops.softmax(X, axis=axis)
    return Y, lambda dY: ops.backprop_softmax(Y, dY, axis=axis)


def log_softmax(ops: Any, X: Any, axis: int) -> tuple[Any, Callable]:
    P = ops.softmax(X, axis=axis)
    Z = X - X.max(axis=axis, keepdims=True) if X.size else X
    Y = (Z - ops.xp.log(ops.xp.exp(Z).sum(axis=axis, keepdims=True))) if X.size else X
    return Y, lambda dY: dY - P * dY.sum(axis=axis, keepdims=True)


def glu(ops: Any, X: Any, axis: int) -> tuple[Any, Callable]:
    A, B = ops.xp.split(X, 2, axis=axis)
    S = ops.sigmoid(B)

    def backprop(dY: Any) -> Any:
        return ops.xp.concatenate((dY * S, ops.backprop_sigmoid(dY * A, S)), axis=axis)

    return A * S, backprop


# What computes each kind, and its settings.
KINDS: dict[str, tuple[Callable, dict[str, Any]]] = {
    "relu": (relu, {}),
    "relu6": (partial(clipped, low=0.0, high=6.0), {}),
    "leaky_relu": (leaky_relu, {"slope": 0.01}),
    "elu": (elu, {"alpha": 1.0}),
    "selu": (partial(elu, alpha=SELU_ALPHA, scale=SELU_SCALE), {}),
    "gelu": (gelu, {}),
    "gelu_tanh": (gelu_tanh, {}),
    "silu": (silu, {}),
    "mish": (mish, {}),
    "hardswish": (hardswish, {}),
    "hardsigmoid": (hardsigmoid, {}),
    "hardtanh": (clipped, {"low": -1.0, "high": 1.0}),
    "softplus": (softplus, {"beta": 1.0}),
    "sigmoid": (sigmoid, {}),
    "tanh": (tanh, {}),
    "softmax": (softmax, {"axis": -1}),
    "log_softmax": (log_softmax, {"axis": -1}),
    "glu": (glu, {"axis": -1}),
}
