"""Layers that walk along sequences refuse lengths and gradients of other rows."""

import numpy
import pytest

from thinc.api import GRU, Conv1d, MultiHeadAttention, NumpyOps, with_axes
from thinc.errors import ShapeError
from thinc.types import Padded, Ragged

LAYERS = {
    "conv1d": lambda: Conv1d(4, 4, kernel_size=3),
    "conv1d of full windows": lambda: Conv1d(4, 4, kernel_size=3, padding=0),
    "gru": lambda: GRU(4, 4, bi=True),
    "attention": lambda: MultiHeadAttention(4, 4, n_heads=2),
}
every_layer = pytest.mark.parametrize("make", LAYERS.values(), ids=LAYERS)
WRONG = [[3, 0, 5, 2], [3, 0, 5], [10, -1], [-1, 10], [9.0], [[3, 6]], []]
ROWS = numpy.random.default_rng(0).normal(size=(9, 4)).astype("f")


@every_layer
@pytest.mark.parametrize("lengths", WRONG, ids=str)
def test_lengths_of_other_rows_are_refused(make, lengths):
    with pytest.raises(ShapeError, match="for 9 rows"):
        make().initialize().predict(Ragged(ROWS, numpy.array(lengths)))


@every_layer
@pytest.mark.parametrize("lengths", [[4, 2], [3, -1], [3], [3, 2, 1], [3.0, 2.0]], ids=str)
def test_lengths_of_other_padded_rows_are_refused(make, lengths):
    X = NumpyOps().list2padded([ROWS[:3], ROWS[3:5]])
    wrong = Padded(X.data, X.size_at_t, numpy.array(lengths), X.indices)

    with pytest.raises(ShapeError, match="for 2 sequences of at most 3 rows"):
        make().initialize().predict(wrong)


@every_layer
@pytest.mark.parametrize("dtype", ["int8", "uint8", "uint16", "uint64", "int64"])
def test_lengths_may_be_integers_of_any_dtype(make, dtype):
    model, lengths = make().initialize(), numpy.array([3, 0, 5, 1], dtype="i")
    Y, backprop = model(Ragged(ROWS, lengths.astype(dtype)), True)

    expected = model.predict(Ragged(ROWS, lengths))
    assert numpy.array_equal(Y.data, expected.data) and numpy.array_equal(Y.lengths, expected.lengths)
    assert backprop(Y).data.shape == ROWS.shape


@every_layer
def test_a_gradient_of_another_shape_is_refused(make):
    model, X = make().initialize(), Ragged(ROWS, numpy.array([3, 0, 5, 1], dtype="i"))
    n = len(model.predict(X).data)

    for rows, width in ((n - 1, 4), (n, 3)):
        with pytest.raises(ShapeError, match=rf"gradient \[{rows}, {width}\] for an output \[{n}, 4\]"):
            backprop = model(X, True)[1]
            backprop(Ragged(numpy.ones((rows, width), dtype="f"), numpy.array([rows], dtype="i")))


@every_layer
@pytest.mark.parametrize("dtype", ["uint8", "uint64", "int8"])
def test_lengths_of_an_array_may_be_integers_of_any_dtype(make, dtype):
    model, X = with_axes(make(), ["btw"]).initialize(), ROWS[:8].reshape(2, 4, 4)
    Y, backprop = model((X, numpy.array([4, 1], dtype=dtype)), True)

    assert numpy.array_equal(Y, model.predict((X, numpy.array([4, 1], dtype="i"))))
    assert not backprop(numpy.ones_like(Y))[0][1, 1:].any()


@every_layer
def test_lengths_of_an_array_that_are_no_integers_are_refused(make):
    with pytest.raises(ShapeError, match=r"got the lengths \[1.5, 2.0\]"):
        with_axes(make(), ["btw"]).initialize().predict((ROWS[:8].reshape(2, 4, 4), numpy.array([1.5, 2.0])))
