"""Every public name that computes something has a record in tests/contracts."""

import pytest
from contracts.layer_records import RECORDS as LAYERS
from contracts.loss_records import LOSSES
from contracts.op_records import RECORDS as OPS
from contracts.training_records import INITIALIZERS, OPTIMIZERS, SCHEDULES
from contracts.training_records import RECORDS as TRAINING

import thinc.api
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


@pytest.mark.parametrize(
    "kind, records",
    [("losses", LOSSES), ("optimizers", OPTIMIZERS), ("schedules", SCHEDULES), ("initializers", INITIALIZERS)],
)
def test_everything_for_training_that_is_registered_has_a_record(kind, records):
    recorded = {name for record in records for name in record.registered}
    made = getattr(registry, kind).get_all()
    assert recorded == {name for name, make in made.items() if make.__module__.startswith("thinc.")}


# Names of thinc.api that compute nothing themselves, by what they are.
NO_COMPUTATION = {
    "a class or type": """
        AppleOps ArgsKwargs Config ConfigValidationError CupyOps DataValidationError MPSOps Model NumpyOps Ops Padded Ragged
        Schedule Shim Unserializable registry""",
    "a shim of another framework; its contract is in tests/shims": """
        MXNetShim PyTorchGradScaler PyTorchShim TensorFlowShim TorchScriptShim keras_model_fns maybe_handshake_model""",
    "a wrapper of another framework's models; its contract is in tests/shims": """
        MXNetWrapper TensorFlowWrapper keras_subclass""",
    "a conversion between frameworks, tested in tests/interop and tests/shims": """
        get_array_module get_torch_default_device is_cupy_array mxnet2xp tensorflow2xp to_numpy torch2xp xp2mxnet
        xp2tensorflow xp2torch""",
    "a switch of backends, devices or checks, tested in tests/backends and tests/types": """
        data_validation enable_mxnet enable_tensorflow fix_random_seed get_current_ops get_ops has_cupy prefer_gpu
        require_cpu require_gpu set_active_gpu set_current_ops set_gpu_allocator use_ops use_pytorch_for_gpu_memory
        use_tensorflow_for_gpu_memory""",
    "a change of models, tested in tests/model": """
        change_attr_values create_init deserialize_attr path_of serialize_attr set_dropout_rate wrap_model_recursive""",
    "a helper of training, tested in tests/training": """
        accumulate_gradients configure_normal_init evaluate_model_on_arrays get_shuffled_batches get_width to_categorical""",
}


def test_every_public_name_has_a_record_or_a_kind():
    kinds = {name for names in NO_COMPUTATION.values() for name in names.split()}
    recorded = {record.name for record in (*LAYERS, *TRAINING)} | set(NO_LAYER)
    assert set(thinc.api.__all__) - recorded - kinds == set()
    assert not kinds & {record.name for record in (*LAYERS, *TRAINING)}
