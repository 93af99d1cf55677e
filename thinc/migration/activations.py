"""Convert modules without weights that are functions of their input."""

from collections.abc import Callable
from typing import Any

from ..layers import Activation
from .parts import Part
from .registry import CantConvert, Place, converts

# Class of torch.nn -> the kind of Activation, and its settings from the module.
ELEMENTWISE: dict[str, tuple[str, Callable[[Any], dict[str, float]]]] = {
    "ReLU": ("relu", lambda module: {}),
    "ReLU6": ("relu6", lambda module: {}),
    "LeakyReLU": ("leaky_relu", lambda module: {"slope": module.negative_slope}),
    "ELU": ("elu", lambda module: {"alpha": module.alpha}),
    "SELU": ("selu", lambda module: {}),
    "SiLU": ("silu", lambda module: {}),
    "Mish": ("mish", lambda module: {}),
    "Hardswish": ("hardswish", lambda module: {}),
    "Hardsigmoid": ("hardsigmoid", lambda module: {}),
    "Hardtanh": ("hardtanh", lambda module: {"low": module.min_val, "high": module.max_val}),
    "Sigmoid": ("sigmoid", lambda module: {}),
    "Tanh": ("tanh", lambda module: {}),
}
ALONG_AN_AXIS = {"Softmax": "softmax", "LogSoftmax": "log_softmax", "GLU": "glu"}


@converts(*(f"torch.nn.{name}" for name in ELEMENTWISE))
def elementwise(module: Any, place: Place) -> Part:
    name = next(cls.__name__ for cls in type(module).__mro__ if cls.__name__ in ELEMENTWISE)
    kind, read = ELEMENTWISE[name]
    return Part(Activation(kind, **read(module)), "any")


@converts("torch.nn.GELU")
def gelu(module: Any, place: Place) -> Part:
    return Part(Activation("gelu" if module.approximate == "none" else "gelu_tanh"), "any")


@converts("torch.nn.Softplus")
def softplus(module: Any, place: Place) -> Part:
    if module.threshold < 20:  # from where on torch is linear; at 20 that is 2e-9
        raise CantConvert(f"threshold={module.threshold}")
    return Part(Activation("softplus", beta=float(module.beta)), "any")


@converts(*(f"torch.nn.{name}" for name in ALONG_AN_AXIS))
def along_an_axis(module: Any, place: Place) -> Part:
    kind = next(ALONG_AN_AXIS[cls.__name__] for cls in type(module).__mro__ if cls.__name__ in ALONG_AN_AXIS)
    dim = module.dim
    if dim is None:
        raise CantConvert("dim is None, which depends on the input")
    if dim == -1:
        return Part(Activation(kind), "any", width="last")
    if place.sequences == "arrays":
        return Part(Activation(kind, axis=dim), "arrays")
    if dim in (1, -2):  # of (batch, width, time): the only axis that sequences of rows have
        return Part(Activation(kind), "any", width="second")
    if dim == 2:
        return Part(Activation(kind), "any", width="last")
    raise CantConvert(f"dim={dim}")
