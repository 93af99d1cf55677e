"""The GPU's kernels keep the contract of every operation, run thread by thread on the CPU."""

import subprocess

import numpy
import pytest
from contracts.op_suite import RECORDS, OpSuite, check_value, each_dtype

from thinc.backends._cuda_source import FLOATS, SCALARS, signatures, source_of

from .emulator import HERE, POINTERS, EmulatedCupyOps, Emulator, check_arguments, why_not
from .expressions import FAMILIES, expressions

pytestmark = pytest.mark.skipif(why_not() is not None, reason=str(why_not()))


@pytest.fixture
def ops():
    return EmulatedCupyOps()


class TestOps(OpSuite):
    """The suite, with the fixture above."""


class OneThread(EmulatedCupyOps):
    _cuda = Emulator(threads=1)


@pytest.mark.parametrize("record", RECORDS, ids=str)
def test_one_thread_does_the_work_of_all(record):
    check_value(record, OneThread(), "float32" if "float32" in record.dtypes else record.dtypes[0])


# No record has these: tested in test_wide_arrays.py and test_step_weights.py.
OTHERS = {
    *(f"thinc::training::{name}<{kind}>" for name in ("sum_squares", "step_weights") for kind in FLOATS.values()),
    *(f"thinc::normalization::{name}<thinc::Half>" for name in ("layernorm", "backprop_layernorm", "sum_columns")),
}


def test_the_suite_reaches_every_kernel():
    emulator = Emulator()
    ops = type("Counting", (EmulatedCupyOps,), {"_cuda": emulator})()
    for record, dtype in each_dtype:
        record.run(ops, record.case(dtype)[0])
    every = {expression for family in FAMILIES for expression in expressions(family)}

    assert emulator.launched == every - OTHERS


@pytest.mark.parametrize("family", FAMILIES)
def test_every_signature_is_understood(family):
    known = {*SCALARS, *(f"{const}{kind}*" for kind in (*POINTERS, "T") for const in ("const ", ""))}

    assert {kind for signature in signatures(family).values() for kind, _ in signature.arguments} <= known
    assert len(signatures(family)) == source_of(family).count("__global__")


def test_wrong_arguments_are_noticed():
    X, ids = numpy.zeros(4, "f"), numpy.zeros(4, "int64")
    maxout = signatures("activation")["maxout"]
    with pytest.raises(AssertionError, match="which is int64"):
        check_arguments(maxout, ("float32",), (X, X, ids, 4, 1))
    with pytest.raises(AssertionError, match="best is float32"):
        check_arguments(maxout, ("float64",), (X.astype("d"), X, ids, 4, 1))
    with pytest.raises(AssertionError, match="5 arguments|3 arguments"):
        check_arguments(maxout, ("float32",), (X, X, 4))
    with pytest.raises(AssertionError, match="P is an array"):
        check_arguments(maxout, ("float32",), (X, X, ids.astype("int32"), 4, X))


def test_a_barrier_that_some_threads_miss_ends_the_run(tmp_path):
    source = tmp_path / "deadlock.cc"
    kernel = "void f(int) { if (threadIdx.x < 40) __syncthreads(); else __shfl_xor_sync(~0u, 1, 1), __syncthreads(); }"
    half_a_warp = "void g(int) { if (threadIdx.x < 16) __shfl_xor_sync(~0u, 1, 1); else __syncthreads(); }"
    main = "int main(int n, char**) { unsigned grid[] = {1, 1}, block[] = {64, 1}; int x = 0; void* v[] = {&x}; "
    main += "emulation::call(n > 1 ? g : f, v, grid, block); }"
    source.write_text(f'#include "emulation.hh"\n{kernel}\n{half_a_warp}\n{main}', "utf8")
    built = tmp_path / "deadlock"
    subprocess.run(["g++", "-std=c++20", "-w", f"-I{HERE}", source, "-o", built], check=True)
    done = subprocess.run([built, "g"], capture_output=True, text=True)

    assert done.returncode != 0 and "never reach" in done.stderr
