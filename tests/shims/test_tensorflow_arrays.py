"""Arrays cross between NumPy and TensorFlow, and devices are named."""

import os
import subprocess
import sys
import types

import numpy
import pytest
from shims.arrays import LAYOUTS, zeros_and_ones

from thinc.api import TensorFlowShim, tensorflow2xp, xp2tensorflow
from thinc.errors import BorderError, DeviceError

tensorflow = pytest.importorskip("tensorflow", reason="TensorFlow is not installed")
from shims.keras_networks import floats, sequential  # noqa: E402


def test_misaligned_arrays_never_abort():
    code = """
import numpy, keras
from thinc.api import TensorFlowWrapper
model = TensorFlowWrapper(keras.Sequential([keras.Input((4,)), keras.layers.Dense(4, "relu")]))
for offset in (4, 16, 32, 60):
    X = numpy.zeros(64 * 4 * 4 + 64, "uint8")[offset:][: 64 * 16].view("f").reshape(64, 4)
    Y, backprop = model.begin_update(X)
    backprop(X), model.predict(X)
"""
    subprocess.run([sys.executable, "-c", code], check=True, env=os.environ | {"KERAS_BACKEND": "tensorflow"})


def test_devices_are_named():
    with pytest.raises(DeviceError, match="CPU:0"):
        TensorFlowShim(sequential()).to_device("gpu", 3)


@pytest.mark.parametrize(
    "dtype", ["float16", "float32", "float64", "int8", "int16", "int64", "uint8", "uint32", "bool", "complex64"]
)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_arrays_cross_both_ways(dtype, layout):
    array = zeros_and_ones(dtype, layout)
    back = tensorflow2xp(xp2tensorflow(array))

    assert back.dtype == array.dtype and back.shape == array.shape and numpy.array_equal(back, array)


def test_foreign_values_are_refused():
    with pytest.raises(BorderError):
        xp2tensorflow(numpy.array(["a"]))


def test_variables_own_their_memory():
    array = floats(4)
    variable = xp2tensorflow(array, requires_grad=True, as_variable=True)
    array[:] = 0

    assert variable.trainable and numpy.all(variable.numpy() != 0)


def test_weights_that_lie_on_the_gpu_stay_there(monkeypatch):
    """`to_gpu` of a model around the layer asks for it, and TensorFlow makes its weights on the first GPU."""
    known = [types.SimpleNamespace(name=f"/physical_device:{place}") for place in ("CPU:0", "GPU:0", "GPU:1")]
    monkeypatch.setattr(tensorflow.config, "list_physical_devices", lambda *_: known)
    shim = TensorFlowShim(sequential())
    there = types.SimpleNamespace(device="/job:localhost/replica:0/task:0/device:GPU:0")
    with pytest.raises(DeviceError, match="keeps a variable on the device where it was made"):
        shim.to_device("gpu", 0)
    monkeypatch.setattr(shim, "read", lambda: {"kernel": there, "bias": there})
    shim.to_device("gpu", 0)
    with pytest.raises(DeviceError, match="keeps a variable"):
        shim.to_device("gpu", 1)
