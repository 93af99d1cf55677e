"""The compiled kernels are built, used, and can be switched off."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy
import pytest

from thinc import _build
from thinc.api import NumpyOps, Ops
from thinc.backends import _accelerate

BACKENDS = Path(_accelerate.__file__).parent
SOURCES = Path(__file__).parents[2]


def run(code, folder, **variables):
    """The output of another interpreter, which has these environment variables."""
    env = {**os.environ, **variables}
    if BACKENDS.parents[1] == SOURCES:  # tested in the source tree, not installed
        env["PYTHONPATH"] = str(SOURCES)
    return subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, cwd=folder)


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
    done = run("from thinc.backends._accelerate import kernels; print(kernels)", tmp_path, THINC_NO_EXTENSION="1")

    assert done.stdout.strip() == "None", done.stderr


def test_an_installation_without_the_extension_runs_the_reference(tmp_path):
    shutil.copytree(BACKENDS.parent, tmp_path / "thinc", ignore=shutil.ignore_patterns("*.so", "*.pyd", "__pycache__"))
    code = "import numpy, thinc.api; print(thinc.api.NumpyOps().relu(numpy.array([-1.0, 2.0])).tolist())"
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, cwd=tmp_path)

    assert done.stdout.strip() == "[0.0, 2.0]", done.stderr


compiled = pytest.mark.skipif(_accelerate.kernels is None, reason="the extension is switched off")


@compiled
@pytest.mark.parametrize("limit", ["v2", "v3", "v4"])
def test_the_instruction_set_can_be_limited(limit, tmp_path):
    done = run("from thinc.backends import _cpu; print(_cpu.level)", tmp_path, THINC_CPU_LEVEL=limit)

    # A processor without the instructions runs the best lower level.
    assert "v2" <= done.stdout.strip() <= limit, done.stderr


@compiled
def test_an_unknown_level_is_refused(tmp_path):
    done = run("from thinc.backends import _cpu", tmp_path, THINC_CPU_LEVEL="sse9")

    assert "THINC_CPU_LEVEL is 'sse9'. Set it to v2, v3 or v4, or unset it." in done.stderr


@pytest.mark.skipif(
    not all(map(shutil.which, ("g++", "nm"))) or not (SOURCES / "thinc" / "backends" / "_cpu_v4.cpp").exists(),
    reason="needs g++, nm and the sources",
)
@pytest.mark.parametrize("source", _build.LEVELS)
def test_a_level_exports_nothing_but_its_table(source, tmp_path):
    # A function that the linker may merge with its copy for another instruction set would crash
    # older processors. Without optimization nothing is inlined away.
    flags = [*_build.FLAGS, *_build.LEVELS[source], "-O0", "-DTHINC_X86_LEVELS=1"]
    subprocess.run(["g++", *flags, "-c", SOURCES / source, "-o", tmp_path / "level.o"], check=True)
    names = subprocess.run(
        ["nm", "-C", "--defined-only", "--extern-only", tmp_path / "level.o"],
        capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip

    assert [name.split(" ", 2)[2].partition("(")[0] for name in names] == [f"thinc::fill_{Path(source).stem[-2:]}"]
