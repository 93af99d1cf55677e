"""Records of the activations without weights, each by its formula in plain NumPy."""

import numpy

from thinc import api
from thinc.errors import ContainerError, ShapeError

from ..layer import Layer, rows
from .dense import empty, erf, sigma, softmax

np = numpy


def tanh_gelu(X):
    return X / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (X + 0.044715 * X**3)))


def glu(X, axis):
    A, B = np.split(X, 2, axis=axis)
    return A * sigma(B)


# kind -> (formula, settings)
FORMULAS = {
    "relu": (lambda X: np.maximum(X, 0), {}),
    "relu6": (lambda X: np.clip(X, 0, 6), {}),
    "leaky_relu": (lambda X: np.where(X > 0, X, 0.2 * X), {"slope": 0.2}),
    "elu": (lambda X: np.where(X > 0, X, 0.7 * (np.exp(X) - 1)), {"alpha": 0.7}),
    "selu": (lambda X: 1.0507009873554805 * np.where(X > 0, X, 1.6732632423543772 * (np.exp(X) - 1)), {}),
    "gelu": (lambda X: X / 2 * (1 + erf(X / np.sqrt(2))), {}),
    "gelu_tanh": (tanh_gelu, {}),
    "silu": (lambda X: X * sigma(X), {}),
    "mish": (lambda X: X * np.tanh(np.log(1 + np.exp(X))), {}),
    "hardswish": (lambda X: X * np.clip(X / 6 + 0.5, 0, 1), {}),
    "hardsigmoid": (lambda X: np.clip(X / 6 + 0.5, 0, 1), {}),
    "hardtanh": (lambda X: np.clip(X, -0.5, 0.7), {"low": -0.5, "high": 0.7}),
    "softplus": (lambda X: np.log(1 + np.exp(2 * X)) / 2, {"beta": 2.0}),
    "sigmoid": (sigma, {}),
    "tanh": (np.tanh, {}),
    "softmax": (lambda X: softmax(X, axis=1), {"axis": 1}),
    "log_softmax": (lambda X: np.log(softmax(X)), {}),
    "glu": (lambda X: glu(X, 2), {"axis": 2}),
}


def record(kind):
    formula, settings = FORMULAS[kind]
    return Layer(
        "Activation",
        lambda: api.Activation(kind, **settings),
        rows(2, 3, 4),
        lambda model, X: formula(X),
        ("Activation.v1",),
        empty=empty if settings.get("axis", -1) == -1 else lambda rng: np.zeros((0, 3, 4)),
        note=kind,
        error=2e-7,  # the error function, and the limits of the sigmoid
    )


def steps(model, X):
    """Every row doubled and shifted: what the layer inside does, wherever the axes stand."""
    inner = model.layers[0]
    W, b = inner.get_param("W"), inner.get_param("b")
    return np.moveaxis(np.moveaxis(X, 1, 2) @ W.T + b, 2, 1)


def pointwise():
    return api.with_axes(api.Conv1d(3, kernel_size=1), ["bwt", "wt"])


RECORDS = [
    *map(record, FORMULAS),
    Layer("with_axes", pointwise, rows(2, 4, 5), steps, ("with_axes.v1",), empty=lambda rng: np.zeros((0, 4, 5)), factor=64.0,
          bad=((np.zeros(4, "float32"), ShapeError, "axes bwt or wt"), (["a"], ContainerError, "got list"))),
]  # fmt: skip
