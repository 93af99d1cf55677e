"""More threads change no number, survive forks, and leave memory where it was."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy
import pytest

import thinc
from thinc.backends import (
    NumpyOps,
    _accelerate,
    empty_memory_pool,
    get_num_threads,
    set_memory_pool_limit,
    set_num_threads,
)

OPS = NumpyOps()
SOURCES = Path(__file__).parents[2]
compiled = pytest.mark.skipif(_accelerate.kernels is None, reason="the extension is switched off")


@pytest.fixture
def three_threads():
    before = get_num_threads()
    set_num_threads(3)
    yield
    set_num_threads(before)


def results(seed=0):
    """Operations that are large enough to be cut: by rows, by columns, elementwise, fused."""
    rng = numpy.random.default_rng(seed)
    X, W = rng.normal(size=(1500, 200)).astype("f"), rng.normal(size=(90, 200)).astype("f")
    b, W3 = rng.normal(size=90).astype("f"), rng.normal(size=(30, 3, 200)).astype("f")
    yield OPS.gemm(X, W, trans2=True)
    yield OPS.gemm(W, X, trans2=True)
    yield from OPS.activated_affine(X, W, b, "mish")
    yield from OPS.activated_affine(X[:100], OPS.xp.tile(W, (20, 1)), OPS.xp.tile(b, 20), "gelu")
    yield from OPS.maxout_affine(X, W3, b.reshape(30, 3))
    wide = rng.normal(size=(90, 3, 270)).astype("f")
    yield OPS.encode_windows(X[:, :90], wide, wide[..., 0].copy(), b, b)
    yield OPS.predict_maxout(X.round() * 0 + X[:, :1].round(), W3, b.reshape(30, 3))
    yield OPS.relu(X)
    yield OPS.gemm(X.astype("d"), W.astype("d"), trans2=True)
    few, wide = X[:300].reshape(20, 3000), rng.normal(size=(3000, 150)).astype("f")
    yield OPS.gemm(few, wide)  # read in place, cut by columns
    yield OPS.gemm(few[:5], rng.normal(size=(600, 3000)).astype("f"), trans2=True)  # dot products
    yield OPS.gemm(wide[:, :40], W[:70, :40], trans2=True)
    yield OPS.gemm(wide[:40], wide[:40, :90], trans1=True)  # few terms
    yield OPS.gemm(numpy.tile(X[:, :40], (3, 1)), W[:40])  # few terms, cut by rows


def test_threads_change_no_number():
    alone = list(results())
    set_num_threads(3)
    try:
        together = list(results())
    finally:
        set_num_threads(1)

    for one, two in zip(alone, together, strict=True):
        numpy.testing.assert_array_equal(one, two)


def test_threads_of_python_may_call_at_once(three_threads):
    with ThreadPoolExecutor(4) as pool:
        rounds = list(pool.map(lambda seed: [r.copy() for r in results(seed % 2)], range(8)))

    for i, found in enumerate(rounds):
        for one, two in zip(found, rounds[i % 2], strict=True):
            numpy.testing.assert_array_equal(one, two)


@compiled
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_computes_with_threads_again(tmp_path):
    code = """
import os, sys
import numpy
from thinc.backends import NumpyOps, set_num_threads
set_num_threads(3)
X = numpy.ones((1500, 200), "f")
want = NumpyOps().gemm(X, X, trans2=True)
child = os.fork()
if child == 0:
    same = (NumpyOps().gemm(X, X, trans2=True) == want).all()
    os._exit(7 if same else 1)
status = os.waitpid(child, 0)[1]
NumpyOps().gemm(X, X, trans2=True)
print(os.waitstatus_to_exitcode(status))
"""
    env = dict(os.environ)
    if Path(thinc.__file__).parents[1] == SOURCES:
        env["PYTHONPATH"] = str(SOURCES)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], env=env, capture_output=True, text=True, timeout=60, cwd=tmp_path
    )

    assert done.stdout.strip() == "7", done.stderr


@compiled
def test_the_environment_sets_the_number(tmp_path):
    code = "import thinc; print(thinc.get_num_threads())"
    env = {**os.environ, "THINC_NUM_THREADS": "2"}
    if Path(thinc.__file__).parents[1] == SOURCES:
        env["PYTHONPATH"] = str(SOURCES)
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, cwd=tmp_path)
    wrong = subprocess.run(
        [sys.executable, "-c", code],
        env={**env, "THINC_NUM_THREADS": "many"},
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )

    assert done.stdout.strip() == "2", done.stderr
    assert "THINC_NUM_THREADS is 'many'; set it to a number of threads" in wrong.stderr


@pytest.mark.parametrize("wrong", [0, -1, 1.5, "2", True])
def test_a_wrong_number_is_refused(wrong):
    with pytest.raises(ValueError, match="set_num_threads: got"):
        thinc.set_num_threads(wrong)


@compiled
def test_the_pool_keeps_big_arrays_up_to_its_limit():
    before = set_memory_pool_limit(1 << 20)
    try:
        empty_memory_pool()
        X = numpy.ones((400, 400), "f")
        Y = OPS.gemm(X, X)
        del Y
        kept = _accelerate.kernels.kept_by_pool()

        assert 400 * 400 * 4 <= kept <= 1 << 20
        assert empty_memory_pool() == kept and _accelerate.kernels.kept_by_pool() == 0
    finally:
        set_memory_pool_limit(before)


@compiled
def test_arrays_from_the_pool_are_plain_arrays():
    Y = OPS.gemm(numpy.ones((300, 300), "f"), numpy.ones((300, 300), "f"))

    assert Y.flags.owndata and Y.ctypes.data % 64 == 0
    Y.resize((400, 300), refcheck=False)
    assert Y[:300].min() == 300 and not Y[300:].any()
