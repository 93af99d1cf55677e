"""Devices are explicit: models, gradients and results stay on the GPU they were moved to."""

import contextvars
import logging
import sys
import threading

import numpy
import pytest
from kernels.fake_cupy import Device, Module, ndarray

from thinc._optional import load
from thinc.api import Adam, Linear, NumpyOps, Relu, chain, prefer_gpu, require_gpu
from thinc.backends import CupyOps, context_ops, get_array_ops, set_active_gpu, set_current_ops, use_ops
from thinc.errors import DeviceError


def install(monkeypatch, fake):
    monkeypatch.setitem(sys.modules, "cupy", fake)
    load.cache_clear()
    return fake


@pytest.fixture(autouse=True)
def restored(monkeypatch):
    previous, Device.current = context_ops.get(), 0
    monkeypatch.setattr(CupyOps, "_cuda", None)  # the fake has no kernels; tests/kernels has
    yield
    set_current_ops(previous)
    load.cache_clear()
    Device.current = 0


@pytest.fixture
def cupy(monkeypatch):
    yield install(monkeypatch, Module())
    monkeypatch.undo()
    load.cache_clear()


def make_model():
    model = chain(Relu(4), Linear(2))
    X = numpy.ones((3, 5), "f")
    model.initialize(X=X, Y=numpy.ones((3, 2), "f"))
    return model, X


def places(model):
    return {node.get_param(name).device.id for node in model.walk() for name in node.param_names}


def test_a_model_trains_on_the_second_gpu_whatever_is_current(cupy):
    model, X = make_model()
    wanted = model.predict(X)
    device = model.to_gpu(1)
    assert device.id == 1 and Device.current == 0 and places(model) == {1}
    Y, backprop = model.begin_update(model.ops.asarray(X))
    numpy.testing.assert_allclose(Y.get(), wanted, rtol=1e-6)
    with model.ops.xp.cuda.Device(1):
        dX = backprop(Y)
        model.finish_update(Adam(0.1))
    assert Y.device.id == dX.device.id == 1 and places(model) == {1}


def test_parts_of_a_model_live_on_different_devices(cupy):
    model, X = make_model()
    model.layers[0].to_gpu(0)
    model.layers[1].to_gpu(1)
    assert places(model.layers[0]) == {0} and places(model.layers[1]) == {1}
    model.layers[0].to_cpu()
    assert isinstance(model.layers[0].ops, NumpyOps) and places(model.layers[1]) == {1}


def test_a_model_moves_from_gpu_to_gpu(cupy):
    model, _ = make_model()
    model.to_gpu(0)
    model.to_gpu(1)
    assert places(model) == {1} and model.ops.device_id == 1


def test_a_model_of_one_cell_works_in_another(cupy):
    """A notebook may run each cell in a context of its own, or a thread."""
    model, X = make_model()
    contextvars.Context().run(model.to_gpu, 1)
    results = []
    thread = threading.Thread(target=lambda: results.append(model.predict(model.ops.asarray(X))))
    thread.start()
    thread.join()
    results.append(contextvars.Context().run(model.predict, model.ops.asarray(X)))
    assert [type(Y) for Y in results] == [ndarray] * 2 and {Y.device.id for Y in results} == {1}


def test_ops_of_an_array_are_those_of_its_device(cupy):
    with Device(1):
        X = cupy.zeros(3, "f")
    assert get_array_ops(X).device_id == 1
    assert get_array_ops(X).alloc1f(2).device.id == 1


def test_arrays_come_to_the_device_of_the_ops(cupy):
    first, second = CupyOps(device_id=0), CupyOps(device_id=1)
    X = second.asarray(first.asarray([1.0, 2.0]))
    assert X.device.id == 1 and X.get().tolist() == [1, 2]
    assert second.asarray(X) is X


def test_files_of_a_gpu_load_on_the_cpu_and_back(cupy):
    model, X = make_model()
    wanted = model.predict(X)
    model.to_gpu(1)
    data = model.to_bytes()
    other, _ = make_model()
    numpy.testing.assert_array_equal(other.from_bytes(data).predict(X), wanted)
    third, _ = make_model()
    third.to_gpu(1)
    third.from_bytes(other.to_bytes())
    assert places(third) == {1}


def test_gpus_that_are_not_there_are_named(cupy):
    model, _ = make_model()
    with pytest.raises(DeviceError, match="can't move to GPU 2: there are 2"):
        model.to_gpu(2)
    with pytest.raises(DeviceError, match=r"got 2; give a number in \[0, 2\)"):
        set_active_gpu(2)


def test_require_gpu_chooses_the_device(cupy):
    assert require_gpu(1)
    assert context_ops.get().device_id == 1 and Device.current == 1
    with use_ops("cupy", device_id=0):
        assert context_ops.get().alloc1f(2).device.id == 0


def test_no_device_is_said_with_the_reason(monkeypatch, caplog):
    install(monkeypatch, Module(count=0))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    with pytest.raises(DeviceError, match="CUDA counts 0, CUDA_VISIBLE_DEVICES is ''"):
        require_gpu()
    with caplog.at_level(logging.INFO, "thinc"):
        assert prefer_gpu() is False
    assert "the CPU is used. No GPU devices detected" in caplog.text


def test_a_missing_driver_is_said(monkeypatch):
    def fail():
        raise RuntimeError("cudaErrorNoDevice: no CUDA-capable device is detected")

    fake = install(monkeypatch, Module())
    fake.runtime.getDeviceCount = fail
    with pytest.raises(DeviceError, match="no CUDA-capable device"):
        require_gpu()


def test_a_broken_cupy_is_said(monkeypatch, tmp_path):
    (tmp_path / "cupy.py").write_text("raise ImportError('libcuda.so.1 is missing')")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "cupy", raising=False)
    load.cache_clear()
    monkeypatch.setattr("thinc.backends.context.is_installed", lambda name: True)
    with pytest.raises(DeviceError, match="CuPy is installed, but fails"):
        require_gpu()
