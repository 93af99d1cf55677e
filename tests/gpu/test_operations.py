"""Every operation keeps its contract on the GPU, by its kernels and without them."""

import numpy
import pytest
from contracts.arrays import assert_close
from contracts.op_suite import OpSuite
from kernels.expressions import FAMILIES, expressions
from kernels.test_step_weights import rows

from gpu.conftest import is_stand_in
from thinc.backends import CupyOps, Ops
from thinc.backends._cuda import Grid, Launcher


@pytest.fixture(params=["kernels", "plain"])
def ops(request, cupy):
    return CupyOps() if request.param == "kernels" else type("Plain", (CupyOps,), {"_cuda": None})()


class TestOps(OpSuite):
    """The suite, with the fixture above."""


@pytest.mark.needs_device
@pytest.mark.parametrize("family", FAMILIES)
def test_every_kernel_compiles_for_this_device(cupy, family):
    launcher = Launcher()
    for expression in expressions(family):
        assert launcher._function(cupy.cuda.Device().id, family, expression)


@pytest.mark.parametrize(
    "shape", [(1, 1), (300, 3), (70, 33), (9, 1500), pytest.param((5000, 768), marks=pytest.mark.needs_device)], ids=str
)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_rows_of_any_width(cupy, shape, dtype):
    ops, X = CupyOps(), numpy.random.default_rng(0).normal(size=shape).astype(dtype)
    G, b = numpy.random.default_rng(1).normal(size=(2, shape[1])).astype(dtype)
    assert_close(ops.softmax(ops.asarray(X)), Ops().softmax(X.astype("d")), dtype, factor=8)
    if shape[1] > 1:
        found = ops.layernorm(*map(ops.asarray, (X, G, b)))
        assert_close(found, Ops().layernorm(*(a.astype("d") for a in (X, G, b))), dtype, factor=16)


@pytest.mark.parametrize("n", [1, 31, 1 << 18, (1 << 20) + 3])
def test_elements_of_many_blocks(cupy, n):
    ops, X = CupyOps(), numpy.random.default_rng(0).normal(size=n).astype("f")
    assert_close(ops.mish(ops.asarray(X)), Ops().mish(X.astype("d")), "float32", factor=4)


def test_kernels_run_on_the_current_stream(cupy):
    ops, X = CupyOps(), cupy.zeros(1 << (16 if is_stand_in() else 26), "f")
    cupy.cuda.Device().synchronize()
    with cupy.cuda.Stream(non_blocking=True) as stream:
        for _ in range(100):
            X += 1
        Y = ops.relu(X)
        stream.synchronize()
    assert float(Y.min()) == float(Y.max()) == 100


@pytest.mark.needs_device
def test_what_does_not_compile_falls_back_with_a_warning(cupy, monkeypatch):
    monkeypatch.setattr("thinc.backends._cuda.program_of", lambda family, expressions: "nonsense")
    ops = type("Broken", (CupyOps,), {"_cuda": Launcher()})()
    with pytest.warns(UserWarning, match="a slower form runs"):
        assert ops.relu(ops.asarray([-1.0, 2.0], dtype="f")).tolist() == [0, 2]


def test_all_weights_are_updated_in_two_launches(cupy):
    ours, theirs = rows("float32"), rows("float64")
    on_device = [tuple(CupyOps().asarray(a) if hasattr(a, "dtype") else a for a in row) for row in ours]
    assert CupyOps()._step_weights(on_device)
    Ops()._step_weights(theirs)
    for found, wanted in zip(on_device, theirs):
        assert_close(
            [a for a in found[:5] if a is not None], [a for a in wanted[:5] if a is not None], "float32", 32, 1e-5
        )


def test_a_grid_may_have_any_size(cupy):
    ops, X = CupyOps(), cupy.arange(1000, dtype="f")
    for blocks, threads in ((1, 32), (3, 64), (256 if is_stand_in() else 65536, 256)):
        Y = cupy.zeros_like(X)
        nothing = (0.0, 0.0, 0.0, 0.0)
        types = ("thinc::activation::Relu", "float32")
        ops._cuda("activation", "forward", types, Grid((blocks,), (threads,)), X, Y, X.size, *nothing)
        assert bool((X == Y).all())
