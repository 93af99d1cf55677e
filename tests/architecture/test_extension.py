"""The compiled kernels are built, used, and can be switched off."""

import os
import subprocess
import sys

import numpy
import pytest

from thinc.api import NumpyOps, Ops
from thinc.backends import _accelerate


def test_the_extension_can_be_imported_unless_switched_off():
    off = os.environ.get("THINC_NO_EXTENSION") == "1"

    assert (_accelerate.kernels is None) == off


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_kernels_equal_the_reference(dtype):
    X = numpy.random.RandomState(0).normal(size=(7, 33)).astype(dtype)
    dY = numpy.random.RandomState(1).normal(size=(7, 33)).astype(dtype)
    for view in (lambda a: a, lambda a: a[::-1, ::2], lambda a: a.T, lambda a: a[:0]):
        x, dy = view(X), view(dY)
        numpy.testing.assert_array_equal(Ops().relu(x), NumpyOps().relu(x))
        numpy.testing.assert_array_equal(Ops().backprop_relu(dy, x), NumpyOps().backprop_relu(dy, x))


def test_kernels_never_write_read_only_memory():
    X = numpy.full(4, -1.0, dtype="f")
    X.flags.writeable = False
    with pytest.raises(ValueError):
        NumpyOps().relu(X, inplace=True)

    assert X.tolist() == [-1.0] * 4


def test_the_kernels_can_be_switched_off(tmp_path):
    code = "from thinc.backends._accelerate import kernels; print(kernels)"
    env = {**os.environ, "THINC_NO_EXTENSION": "1"}
    run = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True, cwd=tmp_path
    )

    assert run.stdout.strip() == "None"
