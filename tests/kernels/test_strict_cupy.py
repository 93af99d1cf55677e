"""Every operation keeps its contract on arrays that refuse what CuPy's refuse, by its kernels and without them."""

import importlib.util
import re
import sys
from pathlib import Path

import numpy
import pytest
from contracts.op_suite import OpSuite

import thinc
from thinc._optional import load
from thinc.backends import CupyOps

from .emulator import why_not
from .fake_cupy import ABSENT, Device, Module, ndarray
from .fake_ndarray import LACKS
from .on_stand_in import OnStandIn


@pytest.fixture
def cupy(monkeypatch):
    fake = Module()
    monkeypatch.setattr(Device, "current", 0)
    monkeypatch.setitem(sys.modules, "cupy", fake)
    load.cache_clear()
    yield fake
    monkeypatch.undo()
    load.cache_clear()


@pytest.fixture(params=["kernels", "plain"])
def ops(request, cupy):
    if request.param == "kernels" and why_not():
        pytest.skip(why_not())
    return type("Strict", (CupyOps,), {"_cuda": OnStandIn() if request.param == "kernels" else None})()


class TestOps(OpSuite):
    """The suite, with the fixture above."""


@pytest.mark.skipif(importlib.util.find_spec("cupy") is None, reason="CuPy is not installed")
def test_what_this_cupy_lacks_the_stand_in_refuses():
    import cupy

    functions = {name for name in dir(numpy) if name[0] != "_" and callable(getattr(numpy, name))}
    classes = {name for name in functions if isinstance(getattr(numpy, name), type)}
    methods = {name for name in dir(numpy.ndarray) if name[0] != "_"}

    assert {name for name in functions - classes if not hasattr(cupy, name)} <= ABSENT
    assert {name for name in methods if not hasattr(cupy.ndarray, name)} <= LACKS


def test_the_stand_in_refuses_what_cupy_refuses(cupy):
    X = cupy.zeros(3, "f")
    for mistake in (lambda: X + numpy.ones(3, "f"), lambda: numpy.asarray(X), lambda: cupy.add(X, numpy.ones(3, "f"))):
        with pytest.raises(TypeError):
            mistake()
    with pytest.raises(ValueError, match="non-scalar"):
        X[...] = numpy.ones(3, "f")
    with pytest.raises(NotImplementedError):
        cupy.maximum.reduceat(X, cupy.array([0]))
    with pytest.raises(AttributeError):
        X.setflags(write=False)


def test_what_is_read_is_counted(cupy, monkeypatch):
    monkeypatch.setattr(ndarray, "reads", [])
    X = cupy.arange(3)
    (X + 1)[1:].sum()
    assert ndarray.reads == []
    assert int(X[1]) == 1 and bool((X < 3).all()) and X[X > 0].tolist() == [1, 2]
    cupy.nonzero(X), X.nonzero(), cupy.where(X > 1), cupy.where(X > 1, X, 0)
    reads = ["int", "bool", "boolean index", "tolist", "nonzero", "nonzero", "where"]
    assert [read.partition(" of ")[0] for read in ndarray.reads] == reads


@pytest.mark.parametrize("dtype", ["int64", "int8", "bool", "int32"])
def test_numbers_that_cupy_can_not_add_are_added(cupy, dtype):
    ops, indices = CupyOps(), numpy.array([1, 1, 0, -1], "int64")
    table, values = numpy.array([[1, 0], [0, 1], [0, 0]]).astype(dtype), numpy.ones((4, 2), dtype)
    wanted, found = table.copy(), ops.asarray(table)
    numpy.add.at(wanted, indices, values)
    ops.scatter_add(found, ops.asarray(indices), ops.asarray(values))
    assert found.dtype == dtype and found.tolist() == wanted.tolist()


def names_we_use():
    """Dotted names behind `xp.` and `cupy.` in the library; those in quotes are loaded where they are there."""
    text = "\n".join(path.read_text("utf8") for path in Path(thinc.__file__).parent.rglob("*.py"))
    found = {name.rstrip(".") for name in re.findall(r"(?<![\"'.])\b(?:xp|cupy)\.([a-z_][\w.]*)", text)}
    return sorted(name for name in found if not name.startswith(("__", "ndarray.")))


@pytest.mark.parametrize("where", ["stand-in", "CuPy"])
def test_every_function_that_we_name_is_there(where):
    if where == "CuPy" and importlib.util.find_spec("cupy") is None:
        pytest.skip("CuPy is not installed")
    module = Module() if where == "stand-in" else importlib.import_module("cupy")
    missing = [name for name in names_we_use() if not _has(module, name)]
    only_real = ("cuda.UnownedMemory", "cuda.MemoryPointer", "cuda.ExternalStream", "cuda.compiler", "RawModule")

    assert "cumsum" in names_we_use() and "cuda.MemoryPool" in names_we_use()
    assert [name for name in missing if where == "CuPy" or not name.startswith(only_real)] == []


def _has(module, name):
    for part in name.split("."):
        if not hasattr(module, part):
            return False
        module = getattr(module, part)
    return True
