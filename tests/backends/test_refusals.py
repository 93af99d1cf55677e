"""Operations refuse arguments that don't go together, with what came and what to give."""

import sys

import numpy
import pytest

from thinc.backends import NumpyOps, Ops
from thinc.backends.threads import set_memory_pool_limit
from thinc.errors import DTypeError, ShapeError


def floats(*shape):
    return numpy.zeros(shape, "f")


def ints(*values):
    return numpy.array(values, "i")


LSTM_STATE = (None, None, None, floats(2, 2), floats(1, 1, 2), floats(1, 1, 2), (1, 1))
REFUSED = [
    (
        lambda ops: ops.backprop_layernorm(floats(2, 3), floats(3, 3), floats(3), floats(3), floats(3)),
        ShapeError,
        r"backprop_layernorm: dY, X, mu and s have the shapes \(2, 3\), \(3, 3\).* give what layernorm took",
    ),
    (
        lambda ops: ops.layernorm(floats(2, 3), floats(2), floats(3)),
        ShapeError,
        r"layernorm: got float32\[2, 3\] with \[2\], \[3\]; give \(n, w\) and vectors of w numbers",
    ),
    (
        lambda ops: ops.sparse_affine(floats(16), floats(2), numpy.array([1, 2], "uint64"), floats(2), ints(3), 4, False),
        ShapeError,
        "the lengths sum up to 3, but there are 2 keys and 2 values",
    ),
    (lambda ops: ops.gather_add(floats(3, 2), floats(2, 2)), DTypeError, "the indices are float32.*integers"),
    (
        lambda ops: ops.lstm_forward_training(floats(4), floats(1, 1, 2), floats(1, 1, 3), floats(2, 2), ints(1, 1)),
        ShapeError,
        r"lstm: H0 has the shape \(1, 1, 2\) and C0 \(1, 1, 3\).*\(depth, directions, width\)",
    ),
    (
        lambda ops: ops.backprop_lstm(floats(5, 2), ints(1, 1), floats(4), LSTM_STATE),
        ShapeError,
        "dY has 5 rows and the lengths sum up to 2, but the forward pass had 2 rows",
    ),
    (lambda ops: ops.reduce_sum(floats(3, 2), ints([1, 2])), ShapeError, r"1-d, but the shape is \(1, 2\)"),
    (lambda ops: ops.backprop_reduce_sum(floats(3, 2), ints(1, 2)), ShapeError, "has 3 rows.*there are 2"),
    (
        lambda ops: ops.backprop_reduce_max(floats(2, 2), ints([0, 0, 0], [0, 0, 0]), ints(1, 2)),
        ShapeError,
        r"which is \(2, 3\), the gradient \(2, 2\); give what reduce_max gave",
    ),
    (lambda ops: ops.backprop_reduce_first(floats(2, 2), ints(0, 1)), ShapeError, "2 sequences need .* 2 numbers came"),
    (lambda ops: ops.seq2col(floats(2), 1), ShapeError, r"X has the shape \(2,\). It needs 2 axes"),
    (lambda ops: ops.backprop_seq2col(floats(2, 5), 1), ShapeError, r"\(2, 5\). .* a multiple of 3"),
    (lambda ops: list(ops.minibatch("3", [1, 2])), TypeError, "size is of <class 'str'>. Give an int, an iterable"),
    (lambda ops: list(ops.minibatch(2.5, [1, 2])), TypeError, "size is of <class 'float'>"),
]  # fmt: skip


@pytest.mark.parametrize("ops", [Ops(), NumpyOps()], ids=lambda ops: ops.name)
@pytest.mark.parametrize("call, error, text", REFUSED, ids=[text.split()[0] for _, _, text in REFUSED])
def test_wrong_arguments_are_told(ops, call, error, text):
    with pytest.raises(error, match=text):
        call(ops)


@pytest.mark.parametrize("ops", [Ops(), NumpyOps()], ids=lambda ops: ops.name)
def test_whole_numbers_go_through_an_lstm_as_floats(ops):
    params, X = numpy.arange(48, dtype="f") / 48, numpy.array([[1, 2], [3, 4]])
    states = floats(1, 1, 2), floats(1, 1, 2)
    Y = ops.lstm_forward_inference(params, *states, X, ints(1, 1))
    assert Y.dtype == "float32"
    numpy.testing.assert_array_equal(Y, ops.lstm_forward_inference(params, *states, X.astype("f"), ints(1, 1)))


def test_a_size_may_be_a_function_of_the_batch():
    assert list(NumpyOps().minibatch(lambda step: step + 1, range(6))) == [[0], [1, 2], [3, 4, 5]]


def test_only_compiled_operations_hand_out_functions_of_c():
    with pytest.raises(NotImplementedError, match="cblas: Ops has no C functions.*NumpyOps of a thinc"):
        Ops().cblas()


def test_operations_show_their_class_and_device():
    assert repr(NumpyOps()) == "NumpyOps('cpu', -1)"


def test_the_pool_has_no_negative_limit():
    with pytest.raises(ValueError, match="got -1; give a number of bytes"):
        set_memory_pool_limit(-1)


class Tensor:
    """An array of a framework, which gives its memory by the method of that framework."""

    def __init__(self, **methods):
        self.__dict__.update(methods)


@pytest.mark.parametrize("method", ["asnumpy", "numpy"], ids=["as MXNet", "as TensorFlow"])
def test_tensors_of_other_frameworks_become_arrays(method):
    array = numpy.arange(3.0)
    assert NumpyOps().asarray(Tensor(**{method: lambda: array})) is array
    assert NumpyOps().asarray(Tensor(**{method: lambda: array}), dtype="f").dtype == "float32"


def test_without_a_compiler_there_are_no_functions_of_c(monkeypatch):
    monkeypatch.setitem(sys.modules, "thinc.backends.cblas", None)
    with pytest.raises(NotImplementedError, match="cblas: NumpyOps has no C functions"):
        NumpyOps().cblas()
