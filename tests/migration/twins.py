"""Run a torch module and the native model made of it on the same numbers, and compare all they give."""

import copy

import numpy
import torch

from thinc.api import ArgsKwargs, from_torch

# Largest difference relative to the largest number of the array, or to 1 if that is smaller.
LIMITS = {"float32": 1e-5, "float64": 1e-6}  # the error function is good for 1.5e-7


def numbers(*shape, seed=0, dtype="float32"):
    return numpy.random.default_rng(seed).normal(size=shape).astype(dtype)


def randomized(module, dtype="float32", seed=0):
    """Random weights and running statistics, so that no one or zero hides a mistake."""
    module = module.to(getattr(torch, dtype))
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator, dtype=parameter.dtype) * 0.4)
        for name, buffer in module.named_buffers():
            if name.endswith(("running_mean", "running_var")):
                buffer.copy_(torch.rand(buffer.shape, generator=generator, dtype=buffer.dtype) + 0.5)
    return module


def difference(found, expected):
    """The largest difference in the measure of LIMITS; shapes and dtypes must be equal."""
    expected = expected.detach().numpy() if hasattr(expected, "detach") else expected
    assert found.shape == expected.shape, f"{found.shape}, expected {expected.shape}"
    assert found.dtype == expected.dtype, f"{found.dtype}, expected {expected.dtype}"
    if not expected.size:
        return 0.0
    return float(abs(found - expected).max() / max(1.0, abs(expected).max()))


def first(Y):
    """The output that native layers give: without states and attention weights."""
    return Y[0] if isinstance(Y, tuple) else Y


def gradients_as_weights(module):
    """A copy whose parameters are the gradients of the module's."""
    twin = copy.deepcopy(module)
    with torch.no_grad():
        for mine, its in zip(twin.parameters(), module.parameters(), strict=True):
            mine.copy_(torch.zeros_like(its) if its.grad is None else its.grad)
    return twin


def to_tensors(X, is_train):
    args, kwargs = arguments(X)

    def take(value):
        if not isinstance(value, numpy.ndarray):
            return value
        tensor = torch.tensor(value)
        return tensor.requires_grad_() if is_train and value.dtype.kind == "f" else tensor

    return [take(value) for value in args], {name: take(value) for name, value in kwargs.items()}


def arguments(X):
    if isinstance(X, ArgsKwargs):
        return X.args, X.kwargs
    return (X, {}) if isinstance(X, tuple) else ((X,), {})


def compare(module, X, *, sees=None, call=None, sequences="arrays"):
    """{"predict", "train", "dX…", parameter: difference} of the module and its native model.

    sees: (…) booleans, which rows of the output count.  call: module, *args, **kwargs -> Y.
    """
    call = call or (lambda module, *args, **kwargs: first(module(*args, **kwargs)))
    model = from_torch(module, sequences=sequences)
    found = {}
    args, kwargs = to_tensors(X, False)
    with torch.no_grad():
        expected = call(module.eval(), *args, **kwargs)
    kept = slice(None) if sees is None else sees
    found["predict"] = difference(model.predict(X)[kept], expected[kept])

    args, kwargs = to_tensors(X, True)
    Y, backprop = model.begin_update(X)
    expected = call(module.train(), *args, **kwargs)
    found["train"] = difference(Y[kept], expected[kept])
    dY = numbers(*Y.shape, seed=1, dtype=Y.dtype)
    if sees is not None:
        dY[~sees] = 0
    module.zero_grad()
    expected.backward(torch.tensor(dY))
    dX = backprop(dY)
    d_args, d_kwargs = arguments(dX)
    for i, (value, d_value) in enumerate(zip(args, d_args, strict=True)):
        if getattr(value, "grad", None) is not None:
            found[f"dX[{i}]"] = difference(d_value, value.grad)
    found.update(compare_gradients(model, module, sequences))
    return found


def compare_gradients(model, module, sequences="arrays"):
    """{path of parameter: difference} of the gradients; frozen parameters are left out."""
    found = {}
    expected = from_torch(gradients_as_weights(module), sequences=sequences)
    for i, (node, twin) in enumerate(zip(model.walk(), expected.walk(), strict=True)):
        for name in node.param_names:
            if not node.is_frozen(name) and name not in ("mean", "variance", "HC0"):
                assert node.has_grad(name), f"{node.name}.{name} has no gradient"
                found[f"{i}:{node.name}.{name}"] = difference(node.get_grad(name), twin.get_param(name))
    return found
