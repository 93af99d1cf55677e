"""A model of thinc and torch layers has the right gradients."""

import numpy
import torch

from thinc.layers.chain import chain
from thinc.layers.linear import Linear
from thinc.layers.pytorchwrapper import PyTorchWrapper


def test_gradients_agree_with_finite_differences():
    torch.manual_seed(0)
    rng = numpy.random.default_rng(0)
    module = torch.nn.Sequential(torch.nn.Linear(4, 5), torch.nn.Tanh())
    module.append(torch.nn.Linear(5, 3))
    first, last = Linear(4, 3), Linear(2, 3)
    model = chain(first, PyTorchWrapper(module), last)
    X = rng.normal(size=(6, 3)).astype("f")
    model.initialize(X=X)
    for layer in (first, last):
        layer.set_param("W", rng.normal(size=layer.get_param("W").shape).astype("f"))
    dY = rng.normal(size=(6, 2)).astype("f")
    weights = [first.get_param("W"), first.get_param("b")]
    weights += [param.detach().numpy() for param in module.parameters()]
    weights += [last.get_param("W"), last.get_param("b")]
    weights = [X.astype("d"), *(each.astype("d") for each in weights)]

    def loss():
        X, W1, b1, W2, b2, W3, b3, W4, b4 = weights
        Y = numpy.tanh((X @ W1.T + b1) @ W2.T + b2) @ W3.T + b3
        return ((Y @ W4.T + b4) * dY).sum()

    _, backprop = model.begin_update(X)
    dX = backprop(dY)
    grads = [dX, first.get_grad("W"), first.get_grad("b")]
    grads += [param.grad.numpy() for param in module.parameters()]
    grads += [last.get_grad("W"), last.get_grad("b")]
    for value, grad in zip(weights, grads):
        expected = numpy.empty_like(value)
        for i in numpy.ndindex(value.shape):
            kept = value[i]
            value[i] = kept + 1e-6
            high = loss()
            value[i] = kept - 1e-6
            expected[i] = (high - loss()) / 2e-6
            value[i] = kept
        limit = 1e-4 * max(1.0, abs(expected).max())
        assert abs(grad - expected).max() < limit
