"""Adam over all parameters in one launch gives what Adam gives for one after the other."""

import numpy
import pytest
from contracts.arrays import assert_close

from thinc.backends import Ops

from .emulator import EmulatedCupyOps, Emulator, why_not

pytestmark = pytest.mark.skipif(why_not() is not None, reason=str(why_not()))
SHAPES = [(3,), (5000, 2), (4096,), (1,), (0,), (4097,), (2, 3, 4)]


def parameters(dtype):
    rng = numpy.random.default_rng(0)
    draw = [
        lambda n: rng.normal(size=n),
        lambda n: rng.normal(size=n),
        lambda n: rng.normal(size=n),
        lambda n: rng.uniform(0.1, 1, n),
    ]
    return [tuple(make(shape).astype(dtype) for make in draw) for shape in SHAPES]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("grad_clip", [0.0, 1.0, 1e6])
@pytest.mark.parametrize("threads", [None, 1])
def test_one_launch_equals_many(dtype, grad_clip, threads):
    ops = type("Counting", (EmulatedCupyOps,), {"_cuda": Emulator(threads)})()
    together, apart = parameters(dtype), parameters("float64")
    for four in apart:  # start from the same rounded numbers
        for mine, theirs in zip(four, together[[f is four for f in apart].index(True)]):
            mine[...] = theirs
    rates = [0.1, 0.2, 0.0, 0.3, 0.1, 0.05, 0.1]
    assert ops._adam_many(together, rates, grad_clip, 0.9, 0.99, 1e-8)
    for (w, g, m1, m2), rate in zip(apart, rates):
        if grad_clip:
            Ops().clip_gradient(g, grad_clip)
        Ops().adam(w, g, m1, m2, 0.9, 0.99, 1e-8, rate)

    for found, wanted in zip(together, apart):
        assert_close(found, wanted, dtype, factor=8, error=1e-6 if dtype != "float64" else 0)
    assert len(ops._cuda.launched) == (2 if grad_clip else 1)


def test_what_can_not_be_done_at_once_is_left_alone():
    ops, mixed = EmulatedCupyOps(), [*parameters("float32"), *parameters("float64")]
    assert not ops._adam_many(mixed, [0.1] * len(mixed), 0.0, 0.9, 0.99, 1e-8)
    assert not ops._adam_many([], [], 0.0, 0.9, 0.99, 1e-8)
    assert mixed[0][1].any()
