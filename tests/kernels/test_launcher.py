"""The launcher compiles once per device, launches what CuPy expects, and falls back with a warning."""

import re
import sys
import types
from functools import partial

import numpy
import pytest

from thinc._optional import load
from thinc.backends import CupyOps
from thinc.backends._cuda import Launcher
from thinc.errors import DeviceError

from .fake_cupy import Device, Module


class CompileException(Exception):
    """As in cupy.cuda.compiler."""


class FakeModule(Module):
    """CuPy with a RawModule that notes what it is asked for, and computes nothing."""

    def __init__(self, broken=False):
        super().__init__()
        self.cuda.compiler = types.SimpleNamespace(CompileException=CompileException)
        self.made, self.launched, self.broken = [], [], broken

    def RawModule(self, code, options):  # with names to ask for, CuPy 13.6 would keep nothing on disk
        (name,) = re.findall(r'extern "C" __global__ void +(\w+)', code)
        self.made.append((name, Device.current))
        assert code.count("__global__") == 1 and '#include "' not in code and options == ("-std=c++17",)
        return types.SimpleNamespace(get_function=partial(self.get_function, name))

    def get_function(self, made, name):
        assert name == made
        if self.broken:
            raise CompileException("no such thing")
        return lambda grid, block, args: self.launched.append((name, Device.current, grid, block, args))


@pytest.fixture
def make(monkeypatch):
    def install(**options):
        fake = FakeModule(**options)
        monkeypatch.setitem(sys.modules, "cupy", fake)
        monkeypatch.setattr(CupyOps, "_cuda", Launcher())
        load.cache_clear()
        return fake

    monkeypatch.setattr(Device, "current", 0)
    yield install
    monkeypatch.undo()
    load.cache_clear()


NAME = "thinc_activation_forward_thinc_activation_Relu_float"


def test_a_kernel_is_compiled_once_per_device_and_launched_there(make):
    cupy = make()
    for gpu in (0, 1, 1):
        ops = CupyOps(device_id=gpu)
        ops.relu(ops.asarray([1.0, 2.0], dtype="f"))

    assert cupy.made == [(NAME, 0), (NAME, 1)]
    assert [(name, device) for name, device, *_ in cupy.launched] == [(NAME, 0), (NAME, 1), (NAME, 1)]


def test_numbers_have_the_types_of_the_signature(make):
    cupy = make()
    ops = CupyOps()
    X = ops.asarray([1.0, 2.0, 3.0], dtype="f")
    Y = ops.relu(X)
    ((_, _, grid, block, (first, second, n, *numbers)),) = cupy.launched

    assert (grid, block) == ((1,), (256,))
    assert numpy.shares_memory(first, X) and second is Y
    assert type(n) is numpy.uint64 and n == 3
    assert [type(number) for number in numbers] == [numpy.float64] * 4


def test_arrays_on_two_devices_are_refused(make):
    make()
    first, second = CupyOps(device_id=0), CupyOps(device_id=1)
    with pytest.raises(DeviceError, match=r"arrays on the GPUs \[0, 1\]"):
        first.backprop_relu(first.alloc1f(2), second.alloc1f(2))


def test_what_does_not_compile_runs_as_the_reference_and_warns_once(make):
    cupy = make(broken=True)
    ops = CupyOps()
    X = ops.asarray([-1.0, 2.0], dtype="f")
    with pytest.warns(UserWarning, match="no such thing"):
        assert ops.relu(X).get().tolist() == [0, 2]
    assert ops.relu(X).get().tolist() == [0, 2]
    assert not cupy.launched and len(cupy.made) == 1


def test_tables_of_addresses_hold_those_of_one_device(make):
    make()
    first, second = CupyOps(device_id=0), CupyOps(device_id=1)
    arrays = first.alloc2f(2, 3), second.alloc2f(2, 3)
    with pytest.raises(DeviceError, match=r"pad: got arrays on the GPUs \[0, 1\]"):
        first.pad(list(arrays))
    with pytest.raises(DeviceError, match=r"weights: got arrays on the GPUs \[0, 1\]"):
        first._step_weights([(*arrays, None, None, None, ("sgd", *(0.0,) * 9))])


def test_arrays_of_another_device_are_worked_on_there(make):
    """The device comes from the arrays, never from a hidden context."""
    cupy = make()
    X = CupyOps(device_id=1).asarray([1.0, 2.0], dtype="f")
    assert CupyOps(device_id=0).relu(X, inplace=True) is X
    assert cupy.launched[0][:2] == (NAME, 1) and Device.current == 0
