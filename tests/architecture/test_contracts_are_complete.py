"""Every public name that computes something has a record in tests/contracts."""

import pytest
from contracts.layer_records import RECORDS as LAYERS
from contracts.op_records import RECORDS as OPS

import thinc.layers
from thinc.api import registry
from thinc.backends import CupyOps, MPSOps, NumpyOps, Ops

# Public methods of Ops that compute nothing, and what they are.
NO_OPERATION = {"cblas": "the table of C functions, tested in tests/backends"}

# Names in thinc.layers that make no layer of their own, and what they are.
WRAPPER = "wraps a module of another framework; its contract is in tests/shims"
NO_LAYER = {
    "ExtractWindow": "the older name of expand_window",
    "ReLu": "the older name of Relu",
    "EquinoxWrapper": WRAPPER,
    "FlaxWrapper": WRAPPER,
    "FrameworkWrapper": WRAPPER,
    "JaxWrapper": WRAPPER,
    "MXNetWrapper": WRAPPER,
    "PyTorchLSTM": WRAPPER,
    "PyTorchRNNWrapper": WRAPPER,
    "PyTorchWrapper": WRAPPER,
    "PyTorchWrapper_v2": WRAPPER,
    "PyTorchWrapper_v3": WRAPPER,
    "TorchScriptWrapper_v1": WRAPPER,
    "pytorch_to_torchscript_wrapper": WRAPPER,
    "with_signpost_interval": "needs a package of macOS; tested with a stand-in in tests/layers",
}
REGISTERED_WRAPPERS = {
    "EquinoxWrapper.v1",
    "FlaxWrapper.v1",
    "FrameworkWrapper.v1",
    "JaxWrapper.v1",
    "MXNetWrapper.v1",
    "PyTorchLSTM.v1",
    "PyTorchRNNWrapper.v1",
    "PyTorchWrapper.v1",
    "PyTorchWrapper.v2",
    "PyTorchWrapper.v3",
}


def public_methods(cls):
    return {name for name in dir(cls) if not name.startswith("_") and callable(getattr(cls, name))}


def test_every_operation_has_a_record():
    assert public_methods(Ops) == {record.name for record in OPS} | set(NO_OPERATION)


@pytest.mark.parametrize("cls", [NumpyOps, CupyOps, MPSOps])
def test_no_backend_adds_operations(cls):
    assert public_methods(cls) == public_methods(Ops)


def test_every_public_layer_has_a_record():
    recorded = {record.name for record in LAYERS} - {"ints_getitem", "floats_getitem"}
    assert set(thinc.layers.__all__) == recorded | set(NO_LAYER)


def test_every_registered_layer_has_a_record():
    recorded = {name for record in LAYERS for name in record.registered}
    registered = {name for name, make in registry.layers.get_all().items() if make.__module__.startswith("thinc.")}
    assert registered == recorded | REGISTERED_WRAPPERS
