"""Compare a layer with torch: value, gradient of the input, gradients of the parameters."""

import numpy
import pytest
import torch

from thinc.api import NumpyOps
from thinc.types import Padded, Ragged

OPS = NumpyOps()
BATCHES = {"ragged": (3, 1, 4, 2), "single": (5,), "one row": (1,), "with empty": (2, 0, 3), "empty": (0, 0)}
CONTAINERS = ("list", "ragged", "padded")
# Largest difference to torch's float64 relative to the largest number of the array. float16 has 11 bits.
LIMITS = {"float64": 1e-10, "float32": 1e-5, "float16": 2e-2}


def numbers(*shape, seed=0):
    return numpy.random.default_rng(seed).normal(size=shape)


def sequences(lengths, width, seed=0):
    return [numbers(n, width, seed=seed * 100 + i) for i, n in enumerate(lengths)]


def pack(Xs, container, dtype):
    Xs = [X.astype(dtype) for X in Xs]
    if container == "list":
        return Xs
    if container == "ragged":
        width = Xs[0].shape[1]
        return Ragged(numpy.concatenate([numpy.zeros((0, width), dtype), *Xs]), numpy.array([len(X) for X in Xs], "i"))
    return OPS.list2padded(Xs)


def unpack(Y):
    if isinstance(Y, Ragged):
        return numpy.split(Y.dataXd, numpy.cumsum(Y.lengths)[:-1])
    return OPS.padded2list(Y) if isinstance(Y, Padded) else Y


def randomized(model, dtype, scale=0.5):
    """Random parameters; variances stay positive."""
    for i, node in enumerate(model.walk()):
        for j, name in enumerate(node.param_names):
            value = numbers(*node.get_param(name).shape, seed=1000 + 10 * i + j) * scale
            node.set_param(name, (abs(value) + 0.5 if name == "variance" else value).astype(dtype))
    return model


def tensors_of(model):
    """(node, name) -> a torch leaf in float64."""
    return {
        (node, name): torch.tensor(node.get_param(name).astype("float64"), requires_grad=True)
        for node in model.walk()
        for name in node.param_names
    }


def close(found, expected, dtype, what):
    expected = expected.detach().numpy() if hasattr(expected, "detach") else expected
    assert found.shape == tuple(expected.shape), what
    assert found.dtype == dtype, f"{what}: {found.dtype}"
    limit = LIMITS[dtype] * max(1.0, abs(expected).max() if expected.size else 0.0)
    difference = abs(found.astype("float64") - expected).max() if expected.size else 0.0
    assert difference <= limit, f"{what}: {difference}"


def grad_of(tensor):
    return torch.zeros_like(tensor) if tensor.grad is None else tensor.grad


def compare(model, Xs, reference, container="list", dtype="float64"):
    """Value, dX and every parameter's gradient of Σ Y ⊙ dY; `reference(params, tensors)` gives one Y per sequence."""
    params = tensors_of(model)
    inputs = [torch.tensor(X.astype(dtype).astype("float64"), requires_grad=True) for X in Xs]
    expected = reference({name: value for (_, name), value in params.items()}, inputs)
    dYs = [numbers(*Y.shape, seed=77 + i).astype(dtype) for i, Y in enumerate(expected)]
    sum((Y * torch.tensor(dY.astype("float64"))).sum() for Y, dY in zip(expected, dYs)).backward()
    Y, backprop = model.begin_update(pack(Xs, container, dtype))
    dX = backprop(pack(dYs, container, dtype))
    assert type(dX) is type(Y)
    for i, (y, want) in enumerate(zip(unpack(Y), expected, strict=True)):
        close(y, want, dtype, f"Y[{i}]")
    for i, (dx, x) in enumerate(zip(unpack(dX), inputs, strict=True)):
        close(dx, grad_of(x), dtype, f"dX[{i}]")
    for (node, name), value in params.items():
        if value.grad is not None and node.has_grad(name):
            close(node.get_grad(name), value.grad, dtype, name)
        else:
            assert value.grad is None or not value.grad.any(), name
    return Y


def every(values):
    return pytest.mark.parametrize("dtype", values)


in_containers = pytest.mark.parametrize("container", CONTAINERS)
in_batches = pytest.mark.parametrize("batch", BATCHES)
in_dtypes = pytest.mark.parametrize("dtype", LIMITS)
