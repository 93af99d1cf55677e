"""NumPy's arrays start at multiples of 64 bytes where that was asked for, and live on afterwards."""

import contextvars
import gc
import importlib.util
import sys
import threading

import numpy
import pytest

from thinc.api import Relu, aligned_memory, use_aligned_memory
from thinc.errors import MissingFrameworkError
from thinc.interop import alignment
from thinc.shims.jax_arrays import JAX
from thinc.shims.tensorflow_arrays import TENSORFLOW

try:
    from numpy._core.multiarray import get_handler_name
except ImportError:  # NumPy 1.26
    from numpy.core.multiarray import get_handler_name

HAS_EXTENSION = importlib.util.find_spec("thinc.interop._aligned") is not None
compiled = pytest.mark.skipif(not HAS_EXTENSION, reason="built without a C++ compiler")
SIZES = [1, 3, 16, 17, 100, 1000, 4097, 100_000, 3_000_000]


def address(array):
    return array.__array_interface__["data"][0]


def made(n):
    """Arrays of n numbers that NumPy made in many ways."""
    x = numpy.arange(n, dtype="f")
    rng = numpy.random.default_rng(0)
    return [
        x, x + x, numpy.empty(n, "i1"), numpy.zeros(n), numpy.ones(n, "f2"), x.copy(), x.astype("f8"),
        numpy.concatenate([x, x]), x[::-1].copy(), numpy.take(x, [0, 0]), rng.normal(size=n), numpy.outer(x[:3], x[:5]),
        numpy.asarray([1.0, 2.0]), numpy.exp(x[:1]),
    ]  # fmt: skip


@compiled
@pytest.mark.parametrize("n", SIZES)
def test_all_new_arrays_are_aligned(n):
    with aligned_memory():
        kept = [made(n) for _ in range(5)]
    assert {address(array) % 64 for arrays in kept for array in arrays} == {0}
    assert not kept[0][3].any() and kept[0][0][-1] == n - 1


@compiled
def test_arrays_outlive_the_block_and_can_be_resized_and_freed():
    with aligned_memory():
        arrays = [numpy.arange(n) for n in SIZES]
    for size in (10, 100_000, 7, 2_000_000, 1):
        for array in arrays:
            before = array.copy()
            array.resize(size, refcheck=False)
            n = min(size, len(before))
            assert (array[:n] == before[:n]).all() and not array[n:].any() and address(array) % 64 == 0
    del arrays, array
    gc.collect()
    outside = numpy.arange(5)
    with aligned_memory():
        outside.resize(50_000, refcheck=False)
    assert outside[:5].tolist() == [0, 1, 2, 3, 4] and get_handler_name(outside) == "default_allocator"


@compiled
def test_impossible_sizes_are_memory_errors():
    with aligned_memory():
        for n in (2**62, 2**63 - 2):
            with pytest.raises((MemoryError, ValueError)):
                numpy.empty(n, "u1")
            with pytest.raises((MemoryError, ValueError)):
                numpy.zeros(n, "u1")


@compiled
def test_the_allocator_before_comes_back():
    with pytest.raises(KeyError), aligned_memory():
        with aligned_memory():
            pass
        assert get_handler_name(numpy.empty(3)) == "thinc_aligned_64"
        raise KeyError
    assert get_handler_name(numpy.empty(3)) == "default_allocator"


@compiled
def test_the_switch():
    def switched():
        use_aligned_memory()
        on = get_handler_name(numpy.empty(3))
        use_aligned_memory(False)
        return on, get_handler_name(numpy.empty(3))

    assert contextvars.copy_context().run(switched) == ("thinc_aligned_64", "default_allocator")


@compiled
def test_a_new_thread_starts_with_the_default_unless_it_gets_the_context():
    seen = []

    def ask():
        seen.append(get_handler_name(numpy.empty(3)))

    with aligned_memory():
        context = contextvars.copy_context()
        # Free-threaded and later Pythons may let threads inherit; this says what holds here.
        inherits = bool(getattr(sys.flags, "thread_inherit_context", 0))
        for target, args in ((ask, ()), (context.run, (ask,))):
            thread = threading.Thread(target=target, args=args)
            thread.start()
            thread.join()
    assert seen == ["thinc_aligned_64" if inherits else "default_allocator", "thinc_aligned_64"]


@compiled
@pytest.mark.parametrize("framework", [TENSORFLOW, JAX], ids=lambda framework: framework.name)
def test_ordinary_arrays_cross_without_a_copy(framework):
    pytest.importorskip(framework.name)
    with aligned_memory():
        arrays = [numpy.full(n, 2.0, "f") for n in range(1, 40)]
        arrays.append(Relu(3, 4).initialize().predict(numpy.ones((5, 4), "f")))
    for array in arrays:
        back = framework.give(framework.take(array))
        assert address(back) == address(array) and (back == array).all()


def test_without_the_extension_the_error_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "thinc.interop._aligned", None)
    monkeypatch.delattr(alignment.__package__ + "._aligned", raising=False)
    for use in (use_aligned_memory, aligned_memory().__enter__):
        with pytest.raises(MissingFrameworkError, match="compiler"):
            use()
