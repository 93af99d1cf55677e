"""PyTorch modules behave as layers: modes, structures, memory, bytes."""

import numpy
import pytest
import torch

from thinc.errors import LoadError
from thinc.layers.pytorchwrapper import PyTorchRNNWrapper, PyTorchWrapper, PyTorchWrapper_v2
from thinc.optimizers import Adam
from thinc.shims.pytorch import xp2torch
from thinc.shims.pytorch_grad_scaler import PyTorchGradScaler
from thinc.types import Padded


def net():
    torch.manual_seed(0)
    drop = torch.nn.Dropout(0.5).eval()
    return torch.nn.Sequential(torch.nn.Linear(3, 4), drop, torch.nn.Linear(4, 2))


def data(*shape):
    return numpy.random.default_rng(0).normal(size=shape).astype("f")


class Several(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = torch.nn.Linear(3, 2)

    def forward(self, X, ids=None):
        Y = self.inner(X)
        return Y, {"twice": Y * 2, "none": None, "best": Y.argmax(1)}


@pytest.mark.parametrize("is_train", [True, False])
def test_flags_are_put_back(is_train):
    module = net()
    before = [part.training for part in module.modules()]
    model = PyTorchWrapper(module)
    model(data(5, 3), is_train=is_train)
    assert [part.training for part in module.modules()] == before
    with pytest.raises(RuntimeError):
        model(data(5, 7), is_train=is_train)
    assert [part.training for part in module.modules()] == before


@pytest.mark.parametrize("wrap", [lambda X: X, lambda X: (X, data(5).astype("i"))])
def test_several_outputs_backprop(wrap):
    model = PyTorchWrapper(Several())
    X = data(5, 3)
    (Y, more), backprop = model.begin_update(wrap(X))
    dX = backprop((numpy.ones_like(Y), {"twice": numpy.ones_like(Y)}))
    if isinstance(dX, tuple):
        assert not dX[1].any()
        dX = dX[0]
    W = model.shims[0]._model.inner.weight.detach().numpy()
    assert numpy.allclose(dX, 3 * W.sum(0), atol=1e-5)
    assert more["none"] is None


def test_integer_input_gets_zeros():
    model = PyTorchWrapper(torch.nn.Embedding(9, 2))
    ids = numpy.arange(4)
    Y, backprop = model.begin_update(ids)
    assert not backprop(numpy.ones_like(Y)).any()
    assert model.shims[0]._model.weight.grad.sum() == 8


def test_awkward_memory_is_copied():
    X = data(4, 3)
    model = PyTorchWrapper(net())
    Y = model.predict(X)
    frozen = X.copy()
    frozen.setflags(write=False)
    for same in (frozen, X[::-1].copy()[::-1], X.astype(">f4")):
        assert numpy.array_equal(model.predict(same), Y)
    tensor = xp2torch(frozen)
    tensor += 1
    assert numpy.array_equal(frozen, X)


def test_training_output_cannot_be_written():
    Y, _ = PyTorchWrapper(torch.nn.Sigmoid()).begin_update(data(2, 3))
    with pytest.raises(ValueError):
        Y += 1


def test_in_place_module_leaves_input_alone():
    X = data(4, 3)
    before = X.copy()
    model = PyTorchWrapper(torch.nn.ReLU(inplace=True))
    model.predict(X)
    model.begin_update(X)
    assert numpy.array_equal(X, before)


def test_gradients_accumulate():
    model = PyTorchWrapper(torch.nn.Linear(3, 2))
    for _ in range(2):
        Y, backprop = model.begin_update(data(5, 3))
        backprop(numpy.ones_like(Y))
    assert numpy.allclose(model.shims[0]._model.bias.grad, 10)


def test_adam_equals_torch():
    ours, theirs = net(), net()
    model, adam = PyTorchWrapper(ours), torch.optim.Adam(theirs.parameters(), 1e-3)
    optimizer = Adam(1e-3, grad_clip=0, L2=0, use_averages=False)
    X = data(5, 3)
    for _ in range(100):
        Y, backprop = model.begin_update(X)
        backprop(2 * Y)
        model.finish_update(optimizer)
        adam.zero_grad()
        (theirs(torch.from_numpy(X)) ** 2).sum().backward()
        adam.step()
    for mine, other in zip(ours.parameters(), theirs.parameters()):
        assert torch.allclose(mine, other, atol=1e-5)
        assert not mine.grad.any()


def test_use_params_takes_some_and_restores():
    model = PyTorchWrapper(net())
    shim, X = model.shims[0], data(5, 3)
    before = model.predict(X)
    with pytest.raises(KeyError):
        with shim.use_params({(shim.id, "2.bias"): numpy.full(2, 9, "f")}):
            assert not numpy.allclose(model.predict(X), before)
            raise KeyError
    assert numpy.array_equal(model.predict(X), before)


def test_bytes_round_trip_and_old_format():
    module = torch.nn.Sequential(torch.nn.BatchNorm1d(3), torch.nn.Linear(3, 3))
    module.append(torch.nn.Linear(3, 3))
    module[2].weight = module[1].weight
    module[1].bias.data = module[1].bias.data.bfloat16()
    shim = PyTorchWrapper(module).shims[0]
    data_ = shim.to_bytes()
    before = {k: v.clone() for k, v in module.state_dict().items()}
    with torch.no_grad():
        for param in module.parameters():
            param += 1
    shim.from_bytes(data_)
    assert all(torch.equal(v, before[k]) for k, v in module.state_dict().items())


@pytest.mark.parametrize("cut", [0, 1, 50, -1])
def test_bad_blob_changes_nothing(cut):
    shim, other = PyTorchWrapper(net()).shims[0], PyTorchWrapper(torch.nn.Linear(3, 4))
    before = shim.to_bytes()
    for blob in (before[:cut], other.shims[0].to_bytes()):
        with pytest.raises(LoadError):
            shim.stage_bytes(blob)
    assert shim.to_bytes() == before


def test_copy_has_its_own_id():
    shim = PyTorchWrapper(net()).shims[0]
    assert shim.copy().id != shim.id


def test_rnn_never_sees_padding():
    torch.manual_seed(0)
    module = torch.nn.LSTM(3, 2, bidirectional=True)
    model = PyTorchRNNWrapper(module)
    X = data(4, 3, 3)
    lengths = numpy.array([4, 2, 0], dtype="i")
    Xp = Padded(X, numpy.array([2, 2, 1, 1], dtype="i"), lengths, numpy.arange(3))
    Yp, backprop = model.begin_update(Xp)
    alone = module(torch.from_numpy(X[:2, 1:2]))[0].detach().numpy()
    assert numpy.allclose(Yp.data[:2, 1:2], alone, atol=1e-6)
    dX = backprop(Padded(numpy.ones_like(Yp.data), Yp.size_at_t, lengths, Yp.indices))
    assert dX.data.shape == X.shape and not dX.data[2:, 1].any()


def test_mixed_precision_on_cpu():
    scaler = PyTorchGradScaler(True, init_scale=8.0)
    model = PyTorchWrapper_v2(net(), mixed_precision=True, grad_scaler=scaler)
    plain = PyTorchWrapper(net())
    grads = []
    for each in (model, plain):
        for _ in range(2):
            Y, backprop = each.begin_update(data(5, 3))
            dX = backprop(numpy.ones_like(Y))
        grads.append((dX, each.shims[0]._model[2].bias.grad.numpy()))
    for mine, other in zip(*grads):
        assert numpy.allclose(mine, other, rtol=0.05, atol=0.02)
