"""Scripted and compiled torch modules are layers too."""

import warnings

import numpy
import pytest
import torch
from shims.nets import data, flags, net, noisy

from thinc.api import SGD, TorchScriptShim, TorchScriptWrapper_v1, pytorch_to_torchscript_wrapper
from thinc.errors import LoadError
from thinc.layers.linear import Linear
from thinc.layers.pytorchwrapper import PyTorchWrapper, PyTorchWrapper_v2
from thinc.serialization.packing import dumps

X = data(5, 3)
pytestmark = pytest.mark.filterwarnings("ignore:.*torch.jit.*:DeprecationWarning")


def scripted(module):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return torch.jit.script(module)


def train(model):
    Y, backprop = model.begin_update(X)
    dX = backprop(numpy.ones_like(Y))
    model.finish_update(SGD(0.1))
    return dX


@pytest.mark.parametrize("make", [scripted, lambda module: torch.compile(module, backend="eager")])
@pytest.mark.parametrize("wrap", [PyTorchWrapper, lambda module: PyTorchWrapper_v2(module, mixed_precision=False)])
def test_compiled_modules_do_what_plain_ones_do(make, wrap):
    plain, compiled = wrap(net()), wrap(make(net()))
    before = flags(compiled.shims[0]._model)
    for _ in range(2):
        assert numpy.allclose(compiled.predict(X), plain.predict(X), atol=1e-6)
        assert numpy.allclose(train(compiled), train(plain), atol=1e-6)
    assert flags(compiled.shims[0]._model) == before


@pytest.mark.parametrize("make", [scripted, lambda module: torch.compile(module, backend="eager")])
def test_the_modes_of_compiled_modules_are_set_and_put_back(make):
    model, X = PyTorchWrapper(make(noisy())), data(50, 3)
    assert numpy.array_equal(model.predict(X), model.predict(X))
    assert not numpy.array_equal(model.begin_update(X)[0], model.begin_update(X)[0])
    assert all(flags(model.shims[0]._model))


def test_the_file_of_a_scripted_module_holds_the_program():
    model = TorchScriptWrapper_v1(scripted(noisy()))
    assert model.name == "pytorch_script" and isinstance(model.shims[0], TorchScriptShim)
    train(model)
    other = TorchScriptWrapper_v1().from_bytes(model.to_bytes())
    assert numpy.array_equal(other.predict(X), model.predict(X))
    assert numpy.allclose(train(other).shape, X.shape)


def test_a_wrapper_can_be_scripted():
    model = PyTorchWrapper(net())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        script = pytorch_to_torchscript_wrapper(model)
    assert numpy.allclose(script.predict(X), model.predict(X))
    assert script.attrs["convert_inputs"] is model.attrs["convert_inputs"]


def test_what_is_no_scripted_module_is_refused():
    with pytest.raises(ValueError, match="torch.jit.ScriptModule"):
        TorchScriptWrapper_v1(net())
    for bad in (Linear(2, 2), PyTorchWrapper(lambda X: X)):
        with pytest.raises(ValueError, match="pytorch_to_torchscript_wrapper"):
            pytorch_to_torchscript_wrapper(bad)


def test_a_bad_program_changes_nothing():
    shim = TorchScriptWrapper_v1(scripted(net())).shims[0]
    module = shim._model
    for bad in (b"", dumps([]), dumps({"config": {}}), dumps({"config": {}, "model": b"PK bad"}), dumps({"model": 1})):
        with pytest.raises(LoadError):
            shim.from_bytes(bad)
        assert shim._model is module
