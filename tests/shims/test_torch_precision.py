"""Autocast and gradient scaling work on any device, the CPU included."""

import numpy
import pytest
import torch
from shims.nets import Calls, data, net

from thinc.api import SGD, PyTorchGradScaler
from thinc.layers.pytorchwrapper import PyTorchWrapper, PyTorchWrapper_v2

X = data(5, 3)


@pytest.fixture(params=[torch.bfloat16, torch.float16], ids=str)
def half(request):
    before = torch.get_autocast_dtype("cpu")
    torch.set_autocast_dtype("cpu", request.param)
    yield request.param
    torch.set_autocast_dtype("cpu", before)


def test_gradients_are_those_of_full_precision(half):
    seen = []
    module = Calls(lambda inner, X: (seen.append(inner[0](X).dtype), inner(X))[1], net())
    scaler = PyTorchGradScaler(True, init_scale=8.0)
    model = PyTorchWrapper_v2(module, mixed_precision=True, grad_scaler=scaler)
    grads = []
    for each in (model, PyTorchWrapper(net())):
        for _ in range(2):
            Y, backprop = each.begin_update(X)
            dX = backprop(numpy.ones_like(Y))
        last = list(each.shims[0]._model.parameters())[-1]
        grads.append((dX, last.grad.numpy()))
    assert set(seen) == {half} and grads[0][0].dtype == "f"
    for mine, other in zip(*grads):
        assert numpy.allclose(mine, other, rtol=0.05, atol=0.02)
    assert numpy.allclose(model.predict(X), PyTorchWrapper(net()).predict(X), atol=0.05)


def train(model, dY):
    Y, backprop = model.begin_update(X)
    dX = backprop(numpy.full_like(Y, dY))
    model.finish_update(SGD(0.1))
    return dX


def test_an_overflow_skips_the_step_and_halves_the_scale():
    module, scaler = torch.nn.Linear(3, 2), PyTorchGradScaler(True, init_scale=2.0**10, growth_interval=2)
    model = PyTorchWrapper_v2(module, mixed_precision=False, grad_scaler=scaler)
    before, scales = module.weight.clone(), []
    for dY in (numpy.inf, numpy.nan, 1e38, 1.0, 1.0, 1.0, 1.0):
        dX = train(model, dY)
        assert numpy.isfinite(dX).all() and dX.any() == (dY == 1.0)
        assert torch.equal(module.weight, before) == (len(scales) < 3)
        scales.append(float(scaler._scale))
        assert not module.weight.grad.any() and not scaler.found_inf
    assert scales == [512.0, 256.0, 128.0, 128.0, 256.0, 256.0, 512.0]


def test_an_overflow_in_one_of_several_batches_skips_them_all():
    module, scaler = torch.nn.Linear(3, 2), PyTorchGradScaler(True, init_scale=4.0)
    model, before = PyTorchWrapper_v2(module, grad_scaler=scaler), module.weight.clone()
    for dY in (1.0, numpy.inf, 1.0):
        Y, backprop = model.begin_update(X)
        assert numpy.isfinite(backprop(numpy.full_like(Y, dY))).all()
    model.finish_update(SGD(0.1))
    assert torch.equal(module.weight, before) and float(scaler._scale) == 2.0
    assert model.shims[0].read_grads().keys() == {"weight", "bias"}  # zeros, no infinities
    train(model, 1.0)
    assert not torch.equal(module.weight, before) and torch.isfinite(module.weight).all()


def test_an_overflow_in_one_of_two_layers_reaches_no_weight():
    module = torch.nn.Linear(3, 2)
    plain, scaled = (PyTorchWrapper_v2(module, grad_scaler=PyTorchGradScaler(on)) for on in (False, True))
    for first, second in ((plain, scaled), (scaled, plain)):
        for model, dY in ((plain, 1.0), (scaled, numpy.inf)):
            Y, backprop = model.begin_update(X)
            backprop(numpy.full_like(Y, dY))
        for model in (first, second):
            model.finish_update(SGD(0.1))
        assert torch.isfinite(module.weight).all() and not module.weight.grad.any()


def test_scaling_does_not_touch_the_callers_gradient():
    model = PyTorchWrapper_v2(torch.nn.Linear(3, 2), grad_scaler=PyTorchGradScaler(True))
    Y, backprop = model.begin_update(X)
    dY = numpy.ones_like(Y)
    dX = backprop(dY)
    assert (dY == 1).all() and numpy.allclose(dX, model.shims[0]._model.weight.detach().sum(0))


def test_the_scaler_refuses_what_is_no_tensor():
    scaler = PyTorchGradScaler(True)
    for bad in (1, "text", {"a": torch.ones(1)}, [torch.ones(1), 2]):
        with pytest.raises(ValueError, match="PyTorchGradScaler got"):
            scaler.scale(bad)
    tensor = torch.ones(2)
    assert scaler.scale(tensor, inplace=True) is tensor and tensor.tolist() == [65536.0] * 2
    assert PyTorchGradScaler(False).scale("anything") == "anything"
