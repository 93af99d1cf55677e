"""Borders that few arrays cross: other containers, odd layouts, devices of others."""

import sys
import types
from collections import defaultdict
from dataclasses import dataclass

import numpy
import pytest

from thinc import compat
from thinc.interop import Framework, convert_recursive, dlpack
from thinc.interop.dlpack import shareable
from thinc.interop.structures import iterate_recursive


@dataclass
class Outputs:
    """What models of others may return."""

    scores: object
    states: object = None


def is_array(value):
    return isinstance(value, numpy.ndarray)


def test_arrays_are_found_in_dataclasses_and_kept_in_their_containers():
    X, Z = numpy.ones(2), numpy.zeros(1)
    found = Outputs(X, defaultdict(list, {"a": [Z]}))
    assert [a is b for a, b in zip(iterate_recursive(is_array, found), (X, Z))] == [True, True]
    turned = convert_recursive(is_array, lambda array: array + 1, found)
    assert isinstance(turned, Outputs) and isinstance(turned.states, defaultdict)
    assert turned.states.default_factory is list and turned.states["a"][0].tolist() == [1]
    assert list(iterate_recursive(is_array, Outputs)) == []  # the class itself holds nothing


def test_memory_with_gaps_between_the_elements_is_shared_and_other_is_copied():
    buffer = numpy.zeros(64, "f")
    spaced = buffer[::2]
    assert shareable(spaced) is spaced
    pairs = numpy.zeros(8, [("a", "f4"), ("b", "i1")])["a"]  # steps of 5 bytes
    overlapping = numpy.lib.stride_tricks.as_strided(buffer, (4, 4), (4, 4))
    one_row = numpy.lib.stride_tricks.as_strided(buffer, (1, 4), (0, 8))
    for array in (pairs, overlapping):
        copy = shareable(array)
        assert not numpy.shares_memory(copy, array) and (copy == array).all()
    assert shareable(one_row) is one_row


def test_the_bits_of_an_array_come_back():
    framework = Framework("numpy", "numpy.asarray")
    array = numpy.array([1.5, -2.0], "f2")
    assert framework.bits(array).dtype == "uint16" and framework.bits(array).tolist() == [0x3E00, 0xC000]
    assert framework.from_bits(framework.bits(array), array).tolist() == [1.5, -2.0]


def test_the_writer_of_a_gpu_array_is_waited_for(monkeypatch):
    """A bare capsule says nothing of a stream."""
    waited, array = [], types.SimpleNamespace(__dlpack__=lambda: "capsule")
    stream = types.SimpleNamespace(synchronize=lambda: waited.append(True))
    cupy = types.SimpleNamespace(cuda=types.SimpleNamespace(get_current_stream=lambda: stream))
    monkeypatch.setitem(sys.modules, "cupy", cupy)
    assert dlpack._bare_capsule(array) == "capsule" and waited == [True]


def test_dtypes_that_are_classes_have_names():
    assert dlpack.dtype_name(types.SimpleNamespace(dtype=numpy.float32)) == "float32"


@pytest.mark.parametrize("name", ["tensorflow", "mxnet"])
def test_switching_a_framework_on_is_no_longer_needed(name, monkeypatch):
    monkeypatch.setitem(compat._FLAGS, name, lambda: "module")
    for flag in ("has_tensorflow", "has_tensorflow_gpu", "has_mxnet"):
        monkeypatch.setitem(compat._FLAGS, flag, lambda: True)
        monkeypatch.setitem(vars(compat), flag, False)
    monkeypatch.setitem(vars(compat), name, None)
    with pytest.warns(DeprecationWarning, match=f"{name} is found by itself"):
        getattr(compat, f"enable_{name}")()
    assert getattr(compat, name) == "module" and getattr(compat, f"has_{name}") is True


def test_versions_compare_by_their_numbers():
    assert compat._Version("2.13.0+cpu").release == (2, 13, 0)
    assert compat._Version("2.1rc1.dev").release == (2, 1) and compat._Version("2.a.1").release == (2,)


def test_without_torch_there_is_no_mixed_precision(monkeypatch):
    monkeypatch.setattr(compat, "load", lambda name: None)
    assert compat._has_torch_amp() is False and compat._has_torch_mps_gpu() is False
