"""Every operation keeps its contract on the GPU, by its kernels and without them."""

import numpy
import pytest
from contracts.arrays import assert_close
from contracts.op_suite import OpSuite
from kernels.expressions import FAMILIES, expressions

from thinc.backends import CupyOps, Ops
from thinc.backends._cuda import Grid, Launcher


@pytest.fixture(params=["kernels", "plain"])
def ops(request, cupy):
    return CupyOps() if request.param == "kernels" else type("Plain", (CupyOps,), {"_cuda": None})()


class TestOps(OpSuite):
    """The suite, with the fixture above."""


@pytest.mark.parametrize("family", FAMILIES)
def test_every_kernel_compiles_for_this_device(cupy, family):
    launcher = Launcher()
    for expression in expressions(family):
        assert launcher._function(cupy.cuda.Device().id, family, expression)


@pytest.mark.parametrize("shape", [(1, 1), (300, 3), (70, 33), (9, 1500), (5000, 768)], ids=str)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_rows_of_any_width(cupy, shape, dtype):
    ops, X = CupyOps(), numpy.random.default_rng(0).normal(size=shape).astype(dtype)
    G, b = numpy.random.default_rng(1).normal(size=(2, shape[1])).astype(dtype)
    assert_close(ops.softmax(ops.asarray(X)), Ops().softmax(X.astype("d")), dtype, factor=8)
    if shape[1] > 1:
        found = ops.layernorm(*map(ops.asarray, (X, G, b)))
        assert_close(found, Ops().layernorm(*(a.astype("d") for a in (X, G, b))), dtype, factor=16)


@pytest.mark.parametrize("n", [1, 31, 1 << 20, (1 << 20) + 3])
def test_elements_of_many_blocks(cupy, n):
    ops, X = CupyOps(), numpy.random.default_rng(0).normal(size=n).astype("f")
    assert_close(ops.mish(ops.asarray(X)), Ops().mish(X.astype("d")), "float32", factor=4)


def test_kernels_run_on_the_current_stream(cupy):
    ops, X = CupyOps(), cupy.zeros(1 << 26, "f")
    cupy.cuda.Device().synchronize()
    with cupy.cuda.Stream(non_blocking=True) as stream:
        for _ in range(100):
            X += 1
        Y = ops.relu(X)
        stream.synchronize()
    assert float(Y.min()) == float(Y.max()) == 100


def test_what_does_not_compile_falls_back_with_a_warning(cupy, monkeypatch):
    monkeypatch.setattr("thinc.backends._cuda.source_of", lambda family: "nonsense")
    ops = type("Broken", (CupyOps,), {"_cuda": Launcher()})()
    with pytest.warns(UserWarning, match="a slower form runs"):
        assert ops.relu(ops.asarray([-1.0, 2.0], dtype="f")).tolist() == [0, 2]


def test_adam_of_all_arrays_in_two_launches(cupy):
    ops, rng = CupyOps(), numpy.random.default_rng(0)
    host = [tuple(rng.uniform(0.1, 1, n) for _ in range(4)) for n in (3, 5000, 4096, 1, 70000)]
    together = [tuple(ops.asarray(a, dtype="f") for a in four) for four in host]
    assert ops._adam_many(together, [0.1] * 5, 1.0, 0.9, 0.99, 1e-8)
    for w, g, m1, m2 in host:
        Ops().adam(w, Ops().clip_gradient(g, 1.0), m1, m2, 0.9, 0.99, 1e-8, 0.1)
    assert_close(together, host, "float32", factor=32)


def test_a_grid_may_have_any_size(cupy):
    ops, X = CupyOps(), cupy.arange(1000, dtype="f")
    for blocks, threads in ((1, 32), (3, 64), (65536, 256)):
        Y = cupy.zeros_like(X)
        nothing = (0.0, 0.0, 0.0, 0.0)
        types = ("thinc::activation::Relu", "float32")
        ops._cuda("activation", "forward", types, Grid((blocks,), (threads,)), X, Y, X.size, *nothing)
        assert bool((X == Y).all())
