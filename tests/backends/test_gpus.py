"""Devices are explicit: models, gradients and results stay on the GPU they were moved to."""

import contextvars
import logging
import sys
import threading
import types

import numpy
import pytest
from kernels.fake_cupy import Device, Module, ndarray

from thinc import compat
from thinc._optional import load
from thinc.api import Adam, Linear, NumpyOps, Relu, chain, fix_random_seed, prefer_gpu, require_gpu, with_cpu
from thinc.backends import CupyOps, context_ops, get_array_ops, set_active_gpu, set_current_ops, use_ops
from thinc.backends.context import gpu_is_available
from thinc.errors import DeviceError
from thinc.interop.modules import copy_array, get_array_module, module_of, to_numpy
from thinc.types.arrays import array_module


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


@pytest.mark.parametrize("dtype", ["float16", "float64"])
def test_a_model_keeps_its_precision(cupy, dtype):
    model = Linear(2, 3).initialize()
    model.set_param("W", model.get_param("W").astype(dtype))
    model.set_grad("W", model.get_param("W"))
    model.to_gpu(1)
    assert model.get_param("W").dtype == model.get_grad("W").dtype == dtype
    model.to_cpu()
    assert model.get_param("W").dtype == dtype


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


def test_gradients_go_with_the_model(cupy):
    model, X = make_model()
    _, backprop = model.begin_update(X)
    backprop(numpy.ones((3, 2), "f"))
    wanted = model.layers[0].get_grad("W").copy()
    model.to_gpu(1)
    found = model.layers[0].get_grad("W")
    assert found.device.id == 1
    numpy.testing.assert_array_equal(found.get(), wanted)


@pytest.mark.parametrize("moved", [True, False], ids=["by the user", "at the next step"])
def test_moments_go_where_the_model_is(cupy, moved):
    """Also from GPU to GPU, which `to_gpu` can't know of."""
    host, optimizers = make_model()[0], [Adam(0.1), Adam(0.1)]
    gpu = host.copy()
    for model, optimizer in zip((host, gpu), optimizers):
        step(model, optimizer)
    gpu.to_gpu(1)
    if moved:
        with Device(1):
            optimizers[1].to_gpu()
    step(host, optimizers[0])
    for device in (1, 0):
        gpu.to_gpu(device)
        with Device(device):
            step(gpu, optimizers[1])
        assert {moment.device.id for moment in optimizers[1].mom1.values()} == {device}
    step(host, optimizers[0])
    numpy.testing.assert_allclose(gpu.layers[0].get_param("W").get(), host.layers[0].get_param("W"), atol=1e-6)
    optimizers[1].to_cpu()
    assert {type(moment) for moment in optimizers[1].mom1.values()} == {numpy.ndarray}


def step(model, optimizer):
    for layer in model.layers:
        layer.set_grad("W", layer.get_param("W") * 0 + 1)
    model.finish_update(optimizer)


def test_a_seed_is_for_the_gpu_too(cupy):
    seen = []
    cupy.random = types.SimpleNamespace(seed=seen.append)
    fix_random_seed(-1)
    assert seen == [2**32 - 1]


def test_flags_say_no_gpu_where_the_driver_is_missing(monkeypatch):
    def fail():
        raise RuntimeError("cudaErrorNoDevice")

    fake = install(monkeypatch, Module())
    assert compat._has_cupy_gpu() and gpu_is_available()
    fake.runtime.getDeviceCount = fail
    assert not compat._has_cupy_gpu() and not gpu_is_available()


def test_the_module_and_the_memory_of_an_array_are_those_of_its_device(cupy, monkeypatch):
    monkeypatch.setattr(ndarray, "__module__", "cupy")
    X = CupyOps(device_id=1).asarray([1.0, 2.0], dtype="f")
    assert get_array_module(X) is cupy and module_of(True) is cupy and module_of(False) is numpy
    assert array_module(X) is cupy and type(to_numpy(X)) is numpy.ndarray
    copy_array(X, numpy.array([3.0, 4.0], "f"))
    assert X.get().tolist() == [3, 4]


def test_a_layer_stays_on_the_cpu_inside_a_model_on_a_gpu(cupy):
    ops = CupyOps(device_id=1)
    model = with_cpu(Linear(2, 3), ops).initialize()
    X = ops.asarray(numpy.ones((4, 3), "f"))
    Y, backprop = model(X, is_train=True)
    with Device(1):
        dX = backprop(Y)
    assert {type(Y), type(dX)} == {ndarray} and type(model.layers[0].get_grad("W")) is numpy.ndarray
    assert Y.device.id == dX.device.id == 1
