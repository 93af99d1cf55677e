"""Files of Keras models, with architectures that run no code."""

import json

import numpy
import pytest

from thinc.api import TensorFlowShim, TensorFlowWrapper, xp2tensorflow
from thinc.errors import LoadError, UnsetError
from thinc.shims.keras_models import load_architecture
from thinc.types import ArgsKwargs

tensorflow = pytest.importorskip("tensorflow", reason="TensorFlow is not installed")
from shims.keras_networks import Subclassed, floats, functional, sequential  # noqa: E402


def test_architectures_are_saved_on_request_alone():
    shim = TensorFlowShim(sequential(), config={"architecture": True})
    X = floats(3, 3)
    restored = TensorFlowShim(None).from_bytes(shim.to_bytes())
    args = ArgsKwargs((xp2tensorflow(X),), {})

    assert numpy.array_equal(restored.predict(args), shim.predict(args))
    with pytest.raises(LoadError, match="weights alone"):
        TensorFlowShim(None).from_bytes(TensorFlowShim(sequential()).to_bytes())


def test_lambdas_and_foreign_classes_are_refused():
    from thinc.serialization.packing import dumps, loads

    message = loads(TensorFlowShim(sequential(), config={"architecture": True}).to_bytes())
    for change in ({"class_name": "Lambda"}, {"module": "os", "class_name": "system"}):
        config = json.loads(message["architecture"])
        config["config"]["layers"][1] |= change
        data = dumps({**message, "architecture": json.dumps(config)})
        with pytest.raises(LoadError, match="architecture.*not allowed"):
            TensorFlowShim(None).from_bytes(data)
    with pytest.raises(LoadError, match="not JSON"):
        TensorFlowShim(None).from_bytes(dumps({**message, "architecture": "{"}))


@pytest.mark.parametrize(
    "name, config",
    [
        ("TFSMLayer", {"filepath": "a"}),
        ("StringLookup", {"vocabulary": "a"}),
        ("TextVectorization", {"vocabulary": "a"}),
        ("TorchModuleWrapper", {"module": {"class_name": "__bytes__", "config": "gASVAA=="}}),
        ("FlaxLayer", {}),
        ("Dense", {"units": 2, "activation": {"class_name": "__lambda__", "config": {"value": "a"}}}),
        ("Dense", {"units": 2, "activation": {"class_name": "function", "config": "system", "module": "os"}}),
    ],
)
def test_layers_that_run_code_or_name_a_file_are_refused(name, config):
    layer = {"module": "keras.layers", "class_name": name, "config": config, "registered_name": None}
    with pytest.raises(LoadError, match="not allowed"):
        load_architecture(json.dumps({"module": "keras", "class_name": "Sequential", "config": {"layers": [layer]}}))


def test_a_registered_class_comes_back():
    model = Subclassed(7)
    model(floats(2, 3))
    data = TensorFlowShim(model, config={"architecture": True}).to_bytes()

    assert TensorFlowShim(None).from_bytes(data)._model.width == 7


def test_a_file_for_other_sizes_changes_nothing():
    model, other = TensorFlowWrapper(sequential()), TensorFlowWrapper(functional())
    before = model.to_bytes()
    with pytest.raises(LoadError):
        model.from_bytes(other.to_bytes())

    assert model.to_bytes() == before


def test_an_unbuilt_model_says_so():
    model = TensorFlowWrapper(Subclassed())
    with pytest.raises(UnsetError, match="initialize"):
        model.to_bytes()

    assert "0.kernel" in model.initialize(X=floats(2, 3)).shims[0].read()


def test_a_shim_without_a_model_says_so():
    with pytest.raises(UnsetError, match="from_bytes"):
        TensorFlowShim(None).predict(ArgsKwargs((), {}))


def test_an_architecture_of_endless_depth_is_refused():
    with pytest.raises(LoadError, match="JSON"):
        load_architecture("[" * 200_000)
