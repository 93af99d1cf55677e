"""Arrays cross between NumPy and MXNet: dtypes, empty batches, nested ones, memory that is written later."""

import subprocess
import sys

import numpy
import pytest
from shims.arrays import LAYOUTS, zeros_and_ones

from thinc.api import MXNetWrapper, mxnet2xp, xp2mxnet
from thinc.errors import BorderError, MissingFrameworkError, ShapeError
from thinc.shims.mxnet_import import import_mxnet

try:
    mxnet = import_mxnet()
except MissingFrameworkError as error:
    pytest.skip(f"MXNet is not here: {error}", allow_module_level=True)
from shims.mxnet_networks import floats, gluon, mlp, network  # noqa: E402


def test_what_is_handed_back_no_longer_reads_the_input():
    model, X = (
        MXNetWrapper(network(gluon.nn.Dense(64, in_units=256), gluon.nn.Dense(64, in_units=64))),
        floats(512, 256),
    )
    for _ in range(20):
        expected = model.predict(X).copy()
        copy = X.copy()
        Y = model.predict(copy)
        copy[:] = 0
        assert numpy.array_equal(Y, expected)


def test_nested_inputs_and_outputs_go_back():
    class Both(gluon.Block):
        def forward(self, x, y):
            return {"sum": x + y, "pair": (x * 2, y * 3)}

    model, X = MXNetWrapper(Both()), (floats(2, 3), floats(2, 3))
    Y, backprop = model.begin_update(X)
    dX = backprop({"sum": numpy.ones((2, 3), "f"), "pair": (None, numpy.ones((2, 3), "f"))})

    assert numpy.allclose(Y["pair"][1], X[1] * 3)
    assert numpy.allclose(dX[0], 1) and numpy.allclose(dX[1], 4)


def test_integer_inputs_have_zero_gradient():
    block = network(gluon.nn.Embedding(10, 4))
    model, ids = MXNetWrapper(block), numpy.array([1, 5, 1], "int32")
    Y, backprop = model.begin_update(ids)

    assert backprop(numpy.ones_like(Y)).dtype == "int32"
    assert numpy.allclose(model.shims[0].read_grads()["0.weight"].asnumpy()[1], 2)


def test_an_empty_batch_keeps_the_widths():
    model = MXNetWrapper(mlp())
    Y, backprop = model.begin_update(numpy.zeros((0, 3), "f"))

    assert Y.shape == (0, 2) and model.predict(numpy.zeros((0, 3), "f")).shape == (0, 2)
    assert backprop(numpy.zeros((0, 2), "f")).shape == (0, 3)
    with pytest.raises(ShapeError, match="at least one element"):
        model.predict(numpy.zeros((2, 0), "f"))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int8", "int32", "int64", "uint8", "bool"])
@pytest.mark.parametrize("layout", [each for each in LAYOUTS if each != "0-d"])
def test_arrays_cross_both_ways(dtype, layout):
    array = zeros_and_ones(dtype, layout)
    there = xp2mxnet(array)
    back = mxnet2xp(there)

    assert back.dtype == array.dtype and back.shape == array.shape and numpy.array_equal(back, array)
    if layout == "C" and dtype != "bool":
        assert back.__array_interface__["data"][0] == array.__array_interface__["data"][0]
    if layout == "read-only":
        there[:] = 1
        assert numpy.array_equal(array, (numpy.arange(12) % 2).reshape(3, 4).astype(dtype))


def test_arrays_without_axes_are_refused_while_mxnet_takes_them_for_unknown():
    with pytest.raises(BorderError, match="reshape"):
        xp2mxnet(numpy.float32(1) + numpy.zeros((), "f"))
    with import_mxnet().util.np_shape(True):
        assert mxnet2xp(xp2mxnet(numpy.array(3.0))).tolist() == 3.0


@pytest.mark.parametrize("dtype", ["int16", "uint16", "uint64", "complex64", "object", "U3"])
def test_foreign_dtypes_are_refused(dtype):
    with pytest.raises(BorderError):
        xp2mxnet(numpy.zeros(3, dtype))


def test_numpy_is_as_before_the_import():
    code = (
        "import warnings; warnings.simplefilter('error'); import numpy; before = numpy.__getattr__\n"
        "from thinc.shims.mxnet_import import import_mxnet; import_mxnet()\n"
        "assert numpy.__getattr__ is before\n"
        "assert not any(hasattr(numpy, name) for name in ('PZERO', 'alltrue', 'product', 'Inf'))\n"
    )

    subprocess.run([sys.executable, "-c", code], check=True)


def test_gradients_of_empty_batches_may_be_of_another_type():
    Y, backprop = MXNetWrapper(network(gluon.nn.Dense(2, in_units=3))).begin_update(floats(0, 3))
    assert backprop(numpy.ones((0, 2))).shape == (0, 3)


def test_writes_between_the_passes_change_no_gradient():
    block = gluon.nn.Dense(2, in_units=3)
    block.initialize()
    model, X, dY = MXNetWrapper(block), numpy.ones((4, 3), "f"), numpy.ones((4, 2), "f")
    _, backprop = model.begin_update(X)
    X[:] = 100
    dX = backprop(dY)
    kept = dX.copy()
    dY[:] = 100
    grads = model.shims[0].read_grads()

    assert numpy.array_equal(dX, kept)
    assert numpy.allclose(mxnet2xp(grads["weight"]), 4) and numpy.allclose(mxnet2xp(grads["bias"]), 4)
