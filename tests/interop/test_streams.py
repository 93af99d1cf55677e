"""On a GPU, nobody reads an array before what writes it has ended: streams are handed over, or waited for."""

import contextlib
import sys
import types
import weakref

import numpy
import pytest
from kernels.fake_cupy import Device, Module

from thinc._optional import load
from thinc.backends import CupyOps
from thinc.interop import Framework, module_of
from thinc.interop.memory import FinishedTensor, tensorflow_allocator
from thinc.interop.streams import hold_for_cupy, outliving


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


class Stream:
    """A stream that notes who records and who waits."""

    def __init__(self, log, ptr):
        self.log, self.ptr = log, ptr

    def record(self):
        return self.log.note(f"event in {self.ptr}", f"event of {self.ptr}")

    def wait_event(self, event):
        self.log.note(f"{self.ptr} waits for the {event}")


@pytest.fixture
def with_streams(monkeypatch, log):
    """CuPy on stream 1; a view is what its memory says."""
    monkeypatch.setattr(Device, "current", 0)
    cuda = types.SimpleNamespace(
        get_current_stream=lambda: Stream(log, 1),
        ExternalStream=lambda address, device: Stream(log, address),
        UnownedMemory=lambda *memory: memory,
        MemoryPointer=lambda memory, offset: memory,
    )
    kinds = {"cuda": cuda, "ndarray": lambda *parts: types.SimpleNamespace(parts=parts)}
    monkeypatch.setitem(sys.modules, "cupy", types.SimpleNamespace(**kinds))


class Named(types.SimpleNamespace):
    """Weak references to it are possible."""


def on_device(shape=(3, 4), strides=(16, 4)):
    data = types.SimpleNamespace(ptr=4096)
    kind = numpy.dtype("f")
    return Named(
        data=data, shape=shape, strides=strides, dtype=kind, itemsize=4, size=numpy.prod(shape), device=Device(1)
    )


def test_memory_goes_back_after_the_stream_that_used_it(with_streams, log):
    """The allocator would give it to the next array of stream 1 while stream 7 still works on it."""
    array = on_device()
    alive = weakref.ref(array)
    view = outliving(array, 7)
    (address, size, _, device), (shape, dtype, strides) = view.parts[2], (*view.parts[:2], view.parts[3])
    assert (address, size, device) == (4096, 48, 1) and (shape, dtype, strides) == ((3, 4), "float32", (16, 4))
    del array
    assert alive() is not None and log == []
    del view, _
    assert alive() is None and log == ["event in 7", "1 waits for the event of 7"]


def test_arrays_with_gaps_hold_all_that_lies_between(with_streams):
    assert outliving(on_device((3, 2), (64, 8)), 7).parts[2][1] == 2 * 64 + 8 + 4
    assert outliving(on_device((3, 0), (0, 4)), 7).parts[2][1] == 0


def test_on_one_stream_there_is_nothing_to_wait_for(with_streams, log):
    array = on_device()
    assert outliving(array, 1) is array
    del array
    assert log == []


@pytest.mark.parametrize("stream, wanted", [(1, []), (7, ["stream 1"])])
def test_torch_keeps_memory_for_cupy(with_streams, log, stream, wanted):
    cuda = types.SimpleNamespace(
        current_stream=lambda device: types.SimpleNamespace(cuda_stream=stream),
        ExternalStream=lambda address, device: f"stream {address}",
    )
    hold_for_cupy(types.SimpleNamespace(cuda=cuda), types.SimpleNamespace(device=1, record_stream=log.note))
    assert log == wanted


def test_arrays_of_a_gpu_come_to_cupy_without_the_host(monkeypatch):
    """JAX's arrays would be read by NumPy, TensorFlow's copied."""

    class OnCuda:
        def __dlpack_device__(self):
            return 2, 0

        def __array__(self, *_, **__):
            raise AssertionError("read to the host")

    monkeypatch.setattr(Device, "current", 0)
    fake = Module()
    fake.from_dlpack = lambda value: fake.array([1.0, 2.0]) if isinstance(value, OnCuda) else None
    monkeypatch.setitem(sys.modules, "cupy", fake)
    load.cache_clear()
    try:
        assert CupyOps().asarray(OnCuda(), dtype="f").tolist() == [1, 2]
    finally:
        load.cache_clear()


def test_the_module_goes_with_the_place():
    assert module_of(False) is numpy
