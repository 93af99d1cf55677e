"""Every shim keeps the contract of all shims on a GPU, and its arrays stay there."""

import importlib

import numpy
import pytest
from shims.contract import ShimContract, batch, close, formula, step
from shims.samples import SAMPLES

from gpu.shim_device import on_gpu, to_device
from thinc.api import SGD, NumpyOps
from thinc.interop import is_cupy_array

ON_GPU = {"pytorch": "torch", "jax": "jax", "tensorflow": "tensorflow"}  # MXNet's wheels know no CUDA of today


@pytest.fixture(params=[sample for sample in SAMPLES if sample.name in ON_GPU], ids=lambda sample: sample.name)
def plain(request):
    """The sample as it is on the host, where its framework reaches the GPU."""
    if request.param.is_installed():
        importlib.import_module(ON_GPU[request.param.name])
    request.getfixturevalue(ON_GPU[request.param.name])
    return request.param


@pytest.fixture
def sample(plain):
    return on_gpu(plain)


class TestShims(ShimContract):
    """The suite, with the fixture above."""

    test_training_outputs_cannot_be_written = None  # CuPy's arrays can't be made read-only


def parts(value):
    """All arrays in outputs of any structure."""
    if isinstance(value, dict):
        return parts(list(value.values()))
    return [part for item in value for part in parts(item)] if isinstance(value, (list, tuple)) else [value]


def test_what_comes_out_is_on_the_device(plain):
    model = plain.nested()
    model.to_gpu(0)
    X = to_device(model.ops, (batch(), numpy.arange(4, dtype="i"), True, None))
    Y, backprop = model.begin_update(X)
    dX = backprop({"y": model.ops.xp.ones_like(Y["y"])})
    for array in [*parts(Y), *parts(dX)]:
        assert not hasattr(array, "dtype") or is_cupy_array(array) and array.device.id == 0


@pytest.mark.parametrize("layout", ["Fortran", "strided", "reversed", "broadcast"])
def test_arrays_of_any_layout_on_the_device(plain, layout):
    model, X = plain.make(), batch()
    model.to_gpu(0)
    xp = model.ops.xp
    same = {
        "Fortran": lambda A: xp.asfortranarray(A),
        "strided": lambda A: xp.repeat(A, 2, axis=1)[:, ::2],
        "reversed": lambda A: xp.ascontiguousarray(A[::-1])[::-1],
        "broadcast": lambda A: xp.broadcast_to(A[:1], A.shape),
    }[layout](xp.asarray(X))
    wanted, before = formula(same.get()), same.get()
    Y, backprop = model.begin_update(same)
    backprop(xp.ones_like(Y))
    assert close(Y.get(), wanted) and close(model.predict(same).get(), wanted)
    numpy.testing.assert_array_equal(same.get(), before)


def test_files_pass_between_a_gpu_and_the_host(plain):
    there, here, X = plain.make(), plain.make(), batch()
    there.to_gpu(0)
    step_there(there, X)
    here.from_bytes(there.to_bytes())
    assert isinstance(here.ops, NumpyOps) and close(here.predict(X), there.predict(there.ops.asarray(X)).get(), 1e-4)
    step(here, X, SGD(0.1))
    there.from_bytes(here.to_bytes())
    assert close(there.predict(there.ops.asarray(X)).get(), here.predict(X), 1e-4)


def step_there(model, X):
    Y, backprop = model.begin_update(model.ops.asarray(X))
    backprop(model.ops.xp.ones_like(Y))
    model.finish_update(SGD(0.1))
