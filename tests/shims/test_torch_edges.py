"""Borders to torch that only few models cross: other devices, odd tensors, scaled gradients."""

import numpy
import pytest
import torch

from thinc.api import PyTorchWrapper, PyTorchWrapper_v3, use_ops, xp2torch
from thinc.backends import MPSOps, NumpyOps, Ops, context_ops
from thinc.errors import BackpropError, BorderError, DeviceError, LoadError
from thinc.interop import Framework
from thinc.shims import PyTorchGradScaler, PyTorchShim, torch_backward
from thinc.shims.torch_arrays import TORCH, get_torch_default_device, torch2xp
from thinc.shims.torch_modes import set_modes
from thinc.shims.torch_state import named_state
from thinc.types import ArgsKwargs


def shim():
    return PyTorchWrapper(torch.nn.Linear(2, 2)).shims[0]


@pytest.mark.parametrize(
    "make, values",
    [
        (lambda: torch.tensor([1.0, 2.0]).conj(), [1, 2]),
        (lambda: torch.tensor([1 + 2j]).conj(), [1 - 2j]),
        (lambda: torch.tensor([1 + 2j]).conj().imag, [-2]),
        (lambda: torch.tensor([1.0, 0.5], dtype=torch.bfloat16, requires_grad=True), [1, 0.5]),
        (lambda: torch.tensor([[0.0, 3.0]]).to_sparse(), [[0, 3]]),
        (lambda: torch.tensor([2.0], requires_grad=True) * 2, [4]),
    ],
    ids=["real", "conjugate", "negated", "bfloat16", "sparse", "with history"],
)
def test_every_tensor_becomes_an_array(make, values):
    for array in (
        torch2xp(make()),
        torch2xp(make(), ops=NumpyOps()),
        TORCH.give(make(), numpy),
        torch2xp(make(), ops=Ops()),
    ):
        assert type(array) is numpy.ndarray and array.tolist() == values


@pytest.mark.parametrize("kind", [torch.float8_e4m3fn, torch.bfloat16])
def test_bits_come_back(kind):
    tensor = torch.tensor([[1.0, -2.0], [0.5, 0.0]]).to(kind)
    bits = TORCH.bits(tensor)
    assert bits.dtype.itemsize == tensor.element_size() and torch.equal(TORCH.from_bits(bits, tensor), tensor)


def test_whole_numbers_and_plain_lists_become_tensors_without_gradient():
    assert not xp2torch(numpy.array([1, 2]), requires_grad=True).requires_grad
    assert xp2torch([1.0, 2.0], requires_grad=True).requires_grad
    tensor = torch.ones(2, requires_grad=True)
    assert not xp2torch(tensor).requires_grad


def test_the_default_device_is_that_of_the_ops():
    assert get_torch_default_device().type == "cpu"
    with use_ops("cupy"):
        assert get_torch_default_device() == torch.device("cuda", 0)
    token = context_ops.set(MPSOps())
    try:
        assert get_torch_default_device().type == "mps"
    finally:
        context_ops.reset(token)


def test_a_device_that_there_is_not_is_refused():
    with pytest.raises(DeviceError, match="PyTorchShim can't move to 'tpu'. Use 'cpu' or 'gpu'"):
        shim().to_device("tpu", 0)
    mine = shim()
    mine.to_cpu()
    assert mine.device.type == "cpu"


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_a_shim_that_can_not_move_stays_where_it_is():
    mine = shim()
    with pytest.raises(Exception, match="(?i)cuda|nvidia"):
        mine.to_gpu(0)
    X = ArgsKwargs((torch.ones(1, 2),), {})
    assert mine.device.type == "cpu" and mine.predict(X).shape == (1, 2)


def test_only_tensors_are_scaled():
    scaler = PyTorchGradScaler(enabled=True, init_scale=4.0)
    assert [t.item() for t in scaler.scale(torch.ones(1) * i for i in (1, 2))] == [4, 8]
    for wrong, name in ((3, "int"), ("text", "str"), ({"a": torch.ones(1)}, "dict"), ([torch.ones(1), 3], "with int")):
        with pytest.raises(ValueError, match=f"PyTorchGradScaler got .*{name}. Give it"):
            scaler.scale(wrong)


def test_switched_off_nothing_is_scaled_or_unscaled():
    scaler, tensor = PyTorchGradScaler(enabled=False), torch.full((1,), float("inf"))
    assert scaler.scale(tensor) is tensor and scaler.unscale([tensor]) is False


def test_bytes_that_torch_can_not_read_change_nothing():
    mine = shim()
    before = mine.to_bytes()
    with pytest.raises(LoadError):
        mine.from_bytes(before[:-3])
    assert mine.to_bytes() == before


def test_an_array_that_a_framework_can_not_hold_is_refused_with_a_cure():
    framework = Framework("numpy", "numpy.from_dlpack")
    with pytest.raises(BorderError, match=r"numpy can't take numpy's array of .* Convert it first, to float32"):
        framework.give(numpy.zeros(2, ">f4"))


def test_a_shim_alone_takes_gradients_in_the_structure_of_its_outputs():
    mine, X = shim(), torch.ones(3, 2, requires_grad=True)
    Y, backprop = mine(ArgsKwargs((X,), {}), is_train=True)
    dX = backprop(torch.ones_like(Y))
    assert torch.allclose(dX.args[0], mine._model.weight.sum(axis=0).expand(3, 2))
    Y, backprop = mine(ArgsKwargs((X,), {}), is_train=False)
    with pytest.raises(BackpropError, match="can't backprop after predict. Call the layer with is_train=True"):
        backprop(Y)


def test_gradients_come_where_torch_has_moved_its_engine(monkeypatch):
    monkeypatch.setattr(torch_backward, "_engine", None)
    monkeypatch.setattr(torch.autograd, "Variable", type("Variable", (), {}))
    model = PyTorchWrapper(torch.nn.Linear(2, 2))
    _, backprop = model.begin_update(numpy.ones((1, 2), "f"))
    assert backprop(numpy.ones((1, 2), "f")).shape == (1, 2)
    assert torch_backward._engine.func is torch_backward._run_publicly


def test_gradients_of_tensors_between_are_not_taken():
    leaf = torch.ones(2, requires_grad=True)
    between, kept = leaf * 2, leaf * 3
    kept.retain_grad()
    (between + kept).sum().backward()
    grads = torch_backward.take_grads(ArgsKwargs((leaf, between, kept), {}))
    assert grads.args[0].tolist() == [5, 5] and grads.args[1] is None and grads.args[2].tolist() == [1, 1]


@pytest.mark.parametrize("error", [LoadError("weights", "are old"), RuntimeError("are old")])
def test_what_a_function_of_the_user_refuses_changes_nothing(error):
    def refuse(model, state, device):
        raise error

    model = PyTorchWrapper_v3(torch.nn.Linear(2, 2), serialize_model=lambda model: b"state", deserialize_model=refuse)
    before = {name: value.clone() for name, value in model.shims[0]._model.state_dict().items()}
    with pytest.raises(LoadError, match="are old"):
        model.from_bytes(model.to_bytes())
    assert all(torch.equal(before[name], value) for name, value in model.shims[0]._model.state_dict().items())


def test_parts_that_are_none_have_no_mode():
    module = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Dropout(0.5))
    module.register_module("unused", None)
    changed, first, _ = set_modes(module, False)
    assert len(changed) == 3 and first is module[0].weight and not module[1].training


def test_without_parameters_there_is_no_first():
    assert set_modes(torch.nn.Dropout(0.5), True)[1] is None


def test_a_shim_of_nothing_has_no_state():
    assert PyTorchShim(None).param_names() == [] and named_state(None) == {}
