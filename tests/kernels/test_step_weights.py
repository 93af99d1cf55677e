"""The update of all parameters in one launch gives what the reference gives for one after the other."""

import numpy
import pytest
from contracts.arrays import assert_close

from thinc.backends import Ops
from thinc.backends.training.cuda import last_tables

from .emulator import EmulatedCupyOps, Emulator, why_not

pytestmark = pytest.mark.skipif(why_not() is not None, reason=str(why_not()))
SIZES = [3, 10000, 4096, 1, 0, 4097, 24]
RULES = ["sgd", "adam", "first_moment"]


def rows(dtype, clip=0.5):
    """Parameters of many sizes, each with its own rule and numbers; every other one has an average."""
    rng = numpy.random.default_rng(0)
    found = []
    for i, n in enumerate(SIZES):
        w, g, m1, average = (rng.normal(size=n).astype(dtype) for _ in range(4))
        m2 = rng.uniform(0.1, 1, n).astype(dtype)
        rule = RULES[i % 3]
        moments = (None, None) if rule == "sgd" and i else (m1, m2)
        numbers = (rule, clip * (i % 4), 0.01 * (i % 2), 0.02, 0.03 * (i % 3), 0.9, 0.99, 0.1 + i, 1e-3, 0.3)
        found.append((w, g, *moments, average if i % 2 else None, numbers))
    return found


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("clip", [0.0, 0.5, 1e6])
@pytest.mark.parametrize("threads", [None, 1])
def test_one_launch_equals_many(dtype, clip, threads):
    ops = type("Counting", (EmulatedCupyOps,), {"_cuda": Emulator(threads)})()
    together = rows(dtype, clip)
    apart = [tuple(a.astype("d") if hasattr(a, "dtype") else a for a in row) for row in rows(dtype, clip)]
    assert ops._step_weights(together)
    Ops()._step_weights(apart)

    for found, wanted in zip(together, apart):
        keep = [a is not None for a in found[:5]]
        ours = [a for a, kept in zip(found, keep) if kept]
        theirs = [a for a, kept in zip(wanted, keep) if kept]
        assert_close(ours, theirs, dtype, factor=32, error=1e-5 if dtype != "float64" else 1e-12)
    assert len(ops._cuda.launched) == (2 if clip else 1)


def test_tables_are_made_once_for_the_same_arrays():
    """The numbers may change, and a new gradient in the place of an old one is seen."""
    ops = type("Counting", (EmulatedCupyOps,), {"_cuda": Emulator()})()
    for _ in range(2):
        together = rows("float32")
        apart = [tuple(a.astype("d") if hasattr(a, "dtype") else a for a in row) for row in together]
        seen = []
        for step in range(4):
            if step == 2:
                together = [(row[0], row[1].copy(), *row[2:]) for row in together]
            for half in (together, apart):
                for row in half:
                    row[1][...] = step + 1
                half[:] = [(*row[:5], (*row[5][:7], 0.1 * (step + 1), *row[5][8:])) for row in half]
            ops._step_weights(together)
            Ops()._step_weights(apart)
            seen.append(last_tables[ops.device_id][0])
        assert seen[0] is seen[1] is not seen[2] is seen[3] and len(last_tables[ops.device_id]) <= 2
        for found, wanted in zip(together, apart):
            assert_close(found[0], wanted[0], "float32", factor=64, error=1e-5)


def test_parameters_of_two_dtypes_take_two_launches():
    ops = type("Counting", (EmulatedCupyOps,), {"_cuda": Emulator()})()
    assert ops._step_weights([*rows("float32", 0.0), *rows("float64", 0.0)])
    assert len(ops._cuda.launched) == 2


def test_what_the_kernel_can_not_do_is_left_to_the_reference():
    ops = type("Counting", (EmulatedCupyOps,), {"_cuda": Emulator()})()
    w, g, *rest = rows("float32")[1]
    wide = numpy.repeat(w, 2)
    assert ops._step_weights([(wide[::2], g, *rest)])
    assert not ops._cuda.launched and not g.any() and not numpy.array_equal(wide[::2], w)
