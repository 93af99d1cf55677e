"""A package that thinc knows nothing about adds its framework by an entry point."""

import os
import subprocess
import sys
import textwrap

import pytest

TOY = '''
import numpy

class Array:
    """Values that can't be changed, in a class of the library's own."""

    def __init__(self, values):
        self._values = numpy.array(values)
        self._values.setflags(write=False)

    shape = property(lambda self: self._values.shape)
    dtype = property(lambda self: self._values.dtype)

    def astype(self, dtype):
        return Array(self._values.astype(dtype))

    def __dlpack__(self, **options):
        return self._values.copy().__dlpack__(**options)

    def __dlpack_device__(self):
        return self._values.__dlpack_device__()

def from_dlpack(producer):
    return Array(numpy.from_dlpack(producer))

class Affine:
    """Y = tanh(X W^T + b) and its gradients."""

    def __init__(self, W, b):
        self.params, self.grads = {"W": Array(W), "b": Array(b)}, {}

    def __call__(self, X):
        W, b = self.params["W"]._values, self.params["b"]._values
        return Array(numpy.tanh(X._values @ W.T + b))

    def pull(self, X, Y, dY):
        dZ = (1 - Y._values ** 2) * dY._values
        for name, grad in (("W", dZ.T @ X._values), ("b", dZ.sum(0))):
            held = self.grads.get(name)
            self.grads[name] = Array(grad if held is None else held._values + grad)
        return Array(dZ @ self.params["W"]._values)
'''

SHIM = '''
"""A framework in one file."""

import toy
from thinc.interop import Framework
from thinc.shims import Shim
from thinc.types import ArgsKwargs

class ToyShim(Shim):
    framework = Framework("toy", "toy.from_dlpack", dense=True)
    key_prefix = "toy"

    def forward(self, inputs, is_train):
        X, *rest = inputs.args
        Y = self._model(X)
        if rest:
            ids, flag, _ = rest
            double = toy.Array(Y._values * 2) if flag else toy.Array(Y._values)
            outputs = {"y": Y, "more": (double, None, 3), "ids": ids}
        else:
            outputs = Y

        def backward(d_outputs):
            if not rest:
                return ArgsKwargs((self._model.pull(X, Y, d_outputs),), {})
            parts = [(d_outputs["y"], 1), (d_outputs["more"][0], 2 if flag else 1)]
            dY = sum((grad._values * factor for grad, factor in parts if grad is not None), 0 * Y._values)
            return ArgsKwargs((self._model.pull(X, Y, toy.Array(dY)), None, None, None), {})

        return outputs, backward if is_train else None

    def read(self):
        return dict(self._model.params)

    def read_grads(self):
        grads, self._model.grads = self._model.grads, {}
        return grads

    def write(self, values):
        self._model.params.update(values)
'''

TEST = """
import pytest
from shims.contract import ShimContract
from shims.samples import Sample, W, b

def make():
    from toy import Affine
    from thinc.layers import FrameworkWrapper
    return FrameworkWrapper("toy", Affine(W, b))

@pytest.fixture
def sample():
    return Sample("toy", "toy", make, make)

class TestToy(ShimContract):
    pass
"""


@pytest.fixture
def package(tmp_path):
    for name, text in (("toy.py", TOY), ("toy_thinc.py", SHIM), ("test_toy.py", TEST)):
        (tmp_path / name).write_text(textwrap.dedent(text).lstrip())
    info = tmp_path / "toy_thinc-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: toy-thinc\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[thinc_shims]\ntoy = toy_thinc:ToyShim\n")
    return tmp_path


def test_a_framework_from_outside_keeps_the_contract(package):
    tests = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    path = os.pathsep.join([str(package), tests, *filter(None, sys.path)])
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", "test_toy.py"]
    run = subprocess.run(command, cwd=package, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True)

    assert run.returncode == 0, run.stdout
    assert " passed" in run.stdout and "skipped" not in run.stdout
