"""Every public name that computes something has a record in tests/contracts."""

import pytest
from contracts.layer_records import RECORDS as LAYERS
from contracts.loss_records import LOSSES
from contracts.op_records import RECORDS as OPS
from contracts.training_records import INITIALIZERS, OPTIMIZERS, SCHEDULES
from contracts.training_records import RECORDS as TRAINING

import thinc.api
import thinc.layers
import thinc.shims
from thinc.api import registry
from thinc.backends import CupyOps, MPSOps, NumpyOps, Ops

KINDS = ("layers", "losses", "optimizers", "schedules", "initializers")

# Public methods of Ops that compute nothing, and what they are.
NO_OPERATION = {"cblas": "the table of C functions, tested in tests/backends"}

# Names in thinc.layers that make no layer of their own, and what they are.
NO_LAYER = {
    "ExtractWindow": "the older name of expand_window",
    "ReLu": "the older name of Relu",
    "PyTorchLSTM": "wraps torch.nn.LSTM; tested in tests/shims",
    "keras_subclass": "decorates a class; tested in tests/shims",
    "with_signpost_interval": "needs a package of macOS; tested with a stand-in in tests/layers",
}


def wraps_a_framework(make):
    """Its contract is that of its shim, in tests/shims."""
    module = make.__module__.rpartition(".")[2]
    return module.endswith("wrapper") or module == "_framework"


def public_methods(cls):
    return {name for name in dir(cls) if not name.startswith("_") and callable(getattr(cls, name))}


def test_every_operation_has_a_record():
    assert public_methods(Ops) == {record.name for record in OPS} | set(NO_OPERATION)


@pytest.mark.parametrize("cls", [NumpyOps, CupyOps, MPSOps])
def test_no_backend_adds_operations(cls):
    assert public_methods(cls) == public_methods(Ops)


def test_every_public_layer_has_a_record():
    recorded = {record.name for record in LAYERS} - {"ints_getitem", "floats_getitem"}
    wrappers = {name for name in thinc.layers.__all__ if wraps_a_framework(getattr(thinc.layers, name))}
    assert set(thinc.layers.__all__) == recorded | set(NO_LAYER) | wrappers


def test_every_registered_layer_has_a_record():
    made = {name: make for name, make in registry.layers.get_all().items() if str(make.__module__).startswith("thinc.")}
    wrappers = {name for name, make in made.items() if wraps_a_framework(make)} | {"PyTorchLSTM.v1"}
    assert set(made) == {name for record in LAYERS for name in record.registered} | wrappers


@pytest.mark.parametrize(
    "kind, records",
    [("losses", LOSSES), ("optimizers", OPTIMIZERS), ("schedules", SCHEDULES), ("initializers", INITIALIZERS)],
)
def test_everything_for_training_that_is_registered_has_a_record(kind, records):
    recorded = {name for record in records for name in record.registered}
    made = getattr(registry, kind).get_all()
    assert recorded == {name for name, make in made.items() if str(make.__module__).startswith("thinc.")}


# Names of thinc.api that compute nothing themselves, by what they are.
NO_COMPUTATION = {
    "a class or type": """
        AppleOps ArgsKwargs Config ConfigValidationError CupyOps DataValidationError MPSOps Model NumpyOps Ops Padded Ragged
        Schedule Shim Unserializable registry""",
    "a question about arrays, or a way to the host; tested in tests/interop": """
        get_array_module get_width is_cupy_array to_numpy""",
    "a switch of backends, devices or checks, tested in tests/backends and tests/types": """
        data_validation enable_mxnet enable_tensorflow fix_random_seed get_current_ops get_ops has_cupy prefer_gpu
        require_cpu require_gpu set_active_gpu set_current_ops set_gpu_allocator use_ops use_pytorch_for_gpu_memory
        use_tensorflow_for_gpu_memory""",
    "a switch of NumPy's memory, tested in tests/interop": """
        aligned_memory use_aligned_memory""",
    "a way from and to files of other tools, tested in tests/serialization": """
        export_safetensors import_safetensors""",
    "a way from and to models of other frameworks, tested in tests/migration": """
        from_torch to_torch""",
    "a change of models, tested in tests/model": """
        change_attr_values create_init deserialize_attr path_of serialize_attr set_dropout_rate wrap_model_recursive""",
    "a helper of training, tested in tests/training": """
        accumulate_gradients configure_normal_init evaluate_model_on_arrays get_shuffled_batches to_categorical""",
}


def test_every_public_name_has_a_record_or_a_kind():
    kinds = {name for names in NO_COMPUTATION.values() for name in names.split()}
    recorded = {record.name for record in (*LAYERS, *TRAINING)} | set(NO_LAYER)
    frameworks = set(thinc.shims.__all__) | {
        name
        for name in thinc.api.__all__
        if callable(getattr(thinc.api, name)) and _is_foreign(getattr(thinc.api, name))
    }
    assert set(thinc.api.__all__) - recorded - kinds - frameworks == set()
    assert not kinds & recorded
    assert kinds - set(thinc.api.__all__) == set(), "these names are gone"


def test_what_is_set_apart_still_exists():
    assert {name for name in NO_LAYER if not hasattr(thinc.layers, name)} == set()
    assert {name for name in NO_OPERATION if not hasattr(Ops, name)} == set()
    for record in (*LAYERS, *LOSSES, *INITIALIZERS, *OPTIMIZERS, *SCHEDULES):
        for name in record.registered:
            assert any(name in getattr(registry, kind) for kind in KINDS), f"{name} is not registered any more"


def _is_foreign(value):
    """A shim, a wrapper or a conversion; tested in tests/shims."""
    module = getattr(value, "__module__", "")
    return module.startswith(("thinc.shims", "thinc.interop.frameworks")) or wraps_a_framework(value)
