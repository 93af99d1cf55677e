"""On a GPU, nobody reads an array before what writes it has ended: streams are handed over, or waited for."""

import contextlib
import sys
import types

import numpy
import pytest
from kernels.fake_cupy import Device, Module

from thinc.interop import Framework, module_of
from thinc.interop.memory import FinishedTensor, tensorflow_allocator


class Log(list):
    def note(self, what, value=None):
        self.append(what)
        return value


@pytest.fixture
def log():
    return Log()


@pytest.fixture
def cupy(monkeypatch, log):
    fake = Module()
    stream = types.SimpleNamespace(synchronize=lambda: log.note("wait"))
    fake.cuda.get_current_stream = lambda: stream
    monkeypatch.setitem(sys.modules, "cupy", fake)
    return fake


class OnGpu:
    """An array whose export is noted."""

    def __init__(self, log):
        self.log, self.dtype, self.shape, self.strides, self.itemsize = log, numpy.dtype("f"), (2,), (4,), 4
        self.flags = types.SimpleNamespace(c_contiguous=True)

    def __dlpack__(self, **options):
        return self.log.note("capsule", "capsule")


def framework(monkeypatch, receive, **options):
    monkeypatch.setitem(sys.modules, "toy", types.SimpleNamespace(receive=receive))
    return Framework("toy", "toy.receive", **options)


def test_who_takes_objects_gets_the_object_and_asks_with_its_stream(cupy, log, monkeypatch):
    array = OnGpu(log)
    toy = framework(monkeypatch, lambda given: given)
    assert toy.take(array) is array
    assert log == []  # the receiver calls __dlpack__ itself, with its stream


def test_before_a_bare_capsule_the_stream_is_waited_for(cupy, log, monkeypatch):
    toy = framework(monkeypatch, lambda given: given, capsule=True)
    assert toy.take(OnGpu(log)) == "capsule"
    assert log == ["wait", "capsule"]


def test_host_arrays_wait_for_nothing(cupy, log, monkeypatch):
    toy = framework(monkeypatch, numpy.from_dlpack, capsule=False)
    assert toy.take(numpy.zeros(2, "f")).tolist() == [0, 0]
    assert log == []


def test_tensorflow_is_waited_for_on_its_own_device(cupy, monkeypatch):
    monkeypatch.setattr(Device, "synchronized", [])
    dlpack = types.SimpleNamespace(to_dlpack=lambda tensor: ("capsule of", tensor.name))
    fake = types.SimpleNamespace(experimental=types.SimpleNamespace(dlpack=dlpack))
    monkeypatch.setattr("thinc.interop.memory.require", lambda name: fake)
    tensor = types.SimpleNamespace(device="/job:localhost/replica:0/task:0/device:GPU:1", name="t")
    door = FinishedTensor(tensor, cupy)

    assert door.__dlpack_device__() == (2, 1)
    assert door.__dlpack__(stream=7, max_version=(1, 0)) == ("capsule of", "t")
    assert Device.synchronized == [1]


def test_memory_of_tensorflow_is_finished_before_cupy_gets_it(monkeypatch):
    """TensorFlow fills it with zeros on a stream of its own, and refuses an export to another one."""
    asked = []

    class Tensor:
        device = "/job:localhost/replica:0/task:0/device:GPU:1"

        def __dlpack__(self, *, stream=None, **options):
            raise RuntimeError("tf.Tensor does not support DLPack export with a non-None stream")

    def from_dlpack(array):
        asked.append(array.__dlpack_device__())
        array.__dlpack__(stream=1, max_version=(1, 0))
        return types.SimpleNamespace(data=types.SimpleNamespace(ptr=4096))

    monkeypatch.setattr(Device, "synchronized", [])
    cuda = types.SimpleNamespace(Device=Device, UnownedMemory=lambda *memory: memory, MemoryPointer=lambda *p: p)
    modules = {
        "cupy": types.SimpleNamespace(cuda=cuda, from_dlpack=from_dlpack),
        "tensorflow": types.SimpleNamespace(
            device=lambda name: contextlib.nullcontext(),
            float32="float32",
            zeros=lambda n, dtype: Tensor(),
            experimental=types.SimpleNamespace(dlpack=types.SimpleNamespace(to_dlpack=lambda tensor: "capsule")),
        ),
    }
    monkeypatch.setattr("thinc.interop.memory.require", modules.__getitem__)
    (address, size, _), offset = tensorflow_allocator(10)

    assert (address, size, offset) == (4096, 10, 0) and asked == [(2, 1)] and Device.synchronized == [1]


def test_the_module_goes_with_the_place():
    assert module_of(False) is numpy
