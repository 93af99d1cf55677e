"""Layers over sequences: sizes, empty sequences, published numbers; the rest is in the contract."""

import pickle

import numpy
import pytest

from thinc.layers.expand_window import expand_window
from thinc.layers.lstm import LSTM
from thinc.layers.premap_ids import premap_ids
from thinc.layers.reduce_first import reduce_first
from thinc.layers.reduce_last import reduce_last
from thinc.layers.reduce_max import reduce_max
from thinc.layers.reduce_mean import reduce_mean
from thinc.layers.reduce_sum import reduce_sum
from thinc.layers.remap_ids import remap_ids, remap_ids_v2
from thinc.layers.sparselinear import SparseLinear, SparseLinear_v2
from thinc.layers.strings2arrays import strings2arrays
from thinc.layers.with_padded import with_padded
from thinc.types import Ragged

LENGTHS = numpy.asarray([3, 1, 4], dtype="i")
REDUCTIONS = {
    reduce_sum: lambda x: x.sum(axis=0),
    reduce_mean: lambda x: x.mean(axis=0),
    reduce_max: lambda x: x.max(axis=0),
    reduce_first: lambda x: x[0],
    reduce_last: lambda x: x[-1],
}


def numbers(*shape, seed=0):
    return numpy.random.default_rng(seed).normal(size=shape).astype("float32")


def ragged(width=3, seed=0):
    return Ragged(numbers(int(LENGTHS.sum()), width, seed=seed), LENGTHS)


def split(rows):
    return numpy.split(rows, numpy.cumsum(LENGTHS)[:-1])


def close(found, expected, tol=3e-3):
    numpy.testing.assert_allclose(found, expected, rtol=tol, atol=tol)


def test_lstm_sequences_do_not_depend_on_their_batch():
    model = with_padded(LSTM(4, 3, bi=True)).initialize()
    Xs = [numbers(n, 3, seed=n) for n in (2, 0, 5, 1)]
    for X, Y in zip(Xs, model.predict(Xs)):
        assert Y.shape == (len(X), 4)
        if len(X):
            close(Y, model.predict([X])[0], 1e-5)


def test_lstm_without_rows():
    model = with_padded(LSTM(4, 3)).initialize()
    Ys, backprop = model([], is_train=True)
    assert len(Ys) == 0 and len(backprop(Ys)) == 0
    Ys, backprop = model([numbers(0, 3), numbers(0, 3)], is_train=True)
    assert [y.shape[0] for y in Ys] == [0, 0]
    assert [dx.shape[0] for dx in backprop(Ys)] == [0, 0]


def test_lstm_depth_zero():
    with pytest.raises(ValueError):
        LSTM(4, 3, depth=0)


def test_lstm_param_size():
    model = LSTM(6, 5, bi=True, depth=2).initialize()
    level0 = 4 * 2 * 3 * (3 + 5) + 8 * 2 * 3
    level1 = 4 * 2 * (3 + 6) * 3 + 8 * 2 * 3
    assert model.get_param("LSTM").shape == (level0 + level1,)
    assert model.get_param("HC0").shape == (2, 2, 2, 3)


@pytest.mark.parametrize("layer", REDUCTIONS)
def test_reductions_check_the_gradient(layer):
    Y, backprop = layer()(ragged(), is_train=True)
    with pytest.raises(ValueError):
        backprop(Y[:-1])
    with pytest.raises(ValueError):
        backprop(Y.astype("float64"))


@pytest.mark.parametrize("layer", REDUCTIONS)
def test_reduction_of_empty_sequences(layer):
    X = Ragged(numbers(2, 3), numpy.asarray([2, 0], dtype="i"))
    if layer in (reduce_sum, reduce_mean):
        assert not layer().predict(X)[1].any()
    else:
        with pytest.raises(ValueError):
            layer().predict(X)
    Y, backprop = layer()(Ragged(numbers(0, 3), numpy.zeros(0, dtype="i")), is_train=True)
    assert Y.shape[0] == 0 and backprop(Y).data.shape[0] == 0


@pytest.mark.parametrize("layer", REDUCTIONS)
def test_reduction_casts_lengths_and_flattens_rows(layer):
    data = numbers(4, 2, 3)
    Y, backprop = layer()(Ragged(data, numpy.asarray([3, 1], dtype="int64")), is_train=True)
    assert Y.shape == (2, 6)
    assert backprop(Y).dataXd.shape == data.shape


def test_expand_window_keeps_width_without_rows():
    Y, backprop = expand_window(1)(numbers(0, 3), is_train=True)
    assert Y.shape == (0, 9) and backprop(Y).shape == (0, 3)
    empty = Ragged(numbers(0, 3), numpy.zeros(0, dtype="i"))
    Y, backprop = expand_window(1)(empty, is_train=True)
    assert Y.dataXd.shape == (0, 9) and backprop(Y).dataXd.shape == (0, 3)


def sparse():
    keys = numpy.asarray([0, 1, 2, 12345678901234567890], dtype="uint64")
    return keys, numpy.asarray([1, 2, 0.5, 1], dtype="f"), numpy.asarray([1, 2, 1], dtype="i")


@pytest.mark.parametrize("layer, length, Y, dW", [
    (SparseLinear, 8, [[9.5, 10.5], [22.5, 26.5], [8.5, 9.5]],
     [0, 5, 6, 0, 10, 21, 10, 5, 6, 0, 0, 0, 0, 0, 0, 0]),
    (SparseLinear_v2, 8, [[9.5, 24.5], [22.5, 61.5], [8.5, 23.5]],
     [0, 5, 0, 0, 10, 7, 0, 5, 0, 6, 0, 0, 14, 10, 0, 6]),
    (SparseLinear, 10, [[17.5, 18.5], [6.5, 10.5], [10.5, 11.5]], None),
    (SparseLinear_v2, 10, [[9.5, 28.5], [14.5, 63.5], [12.5, 31.5]], None),
])  # fmt: skip
def test_sparse_linear_vectors(layer, length, Y, dW):
    model = layer(2, length).initialize()
    model.set_param("W", numpy.arange(2 * length, dtype="f"))
    model.set_param("b", numpy.asarray([0.5, -0.5], dtype="f"))
    X = sparse()
    found, backprop = model(X, is_train=True)
    assert found.dtype == "float32"
    close(found, Y, 1e-6)
    pickle.dumps(backprop)
    returned = backprop(numpy.asarray([[1, 2], [3, 4], [5, 6]], dtype="f"))
    assert all(a is b for a, b in zip(returned, X))
    close(model.get_grad("b"), [9, 12], 1e-6)
    if dW is not None:
        close(model.get_grad("W"), dW, 1e-6)
    keys, values, lengths = X
    close(model.predict((keys.view("int64"), values, lengths)), Y, 1e-6)


def test_sparse_linear_without_documents():
    keys, values, lengths = (x[:0] for x in sparse())
    model = SparseLinear_v2(2, 8).initialize()
    Y, backprop = model((keys, values, lengths), is_train=True)
    assert Y.shape == (0, 2)
    backprop(Y)
    assert not model.get_grad("W").any()


def test_strings2arrays_vectors():
    Y, backprop = strings2arrays()([["apple", "banana"], ["café", ""], []], is_train=True)
    assert [y.dtype for y in Y] == ["uint64"] * 3
    assert [y.tolist() for y in Y] == [
        [[1880549520], [18446744073531435951]], [[605818632], [0]], [],
    ]  # fmt: skip
    assert Y[2].shape == (0, 1)
    assert backprop(Y) == []


def test_remap_ids():
    Y, backprop = remap_ids({"a": 1, "b": 5}, default=7)(["a", "b", "c"], is_train=True)
    assert Y.tolist() == [[1], [5], [7]] and Y.dtype == "int32"
    assert backprop(Y) == []
    assert remap_ids().attrs["mapping_table"] is not remap_ids().attrs["mapping_table"]


@pytest.mark.parametrize("make", [remap_ids_v2, premap_ids])
@pytest.mark.parametrize("dtype", ["int32", "int64", "uint64"])
def test_id_tables(make, dtype):
    table, ids = {0: 3, 5: 0, 9: 2}, numpy.asarray([0, 5, 9, 4], dtype=dtype)
    expected = [[3], [0], [2], [8]]
    Y, backprop = make(table, default=8)(ids, is_train=True)
    assert Y.tolist() == expected and Y.dtype == "int32"
    dX = backprop(Y)
    assert dX.shape == ids.shape and not dX.any()
    pairs = numpy.stack([ids * 0, ids], axis=1)
    Y, backprop = make(table, default=8, column=1)(pairs, is_train=True)
    assert Y.tolist() == expected and backprop(Y).shape == pairs.shape
    with pytest.raises(TypeError):
        make(table).predict(pairs)
    assert make(table, default=8).predict(ids.tolist()).tolist() == expected


def test_id_tables_are_checked():
    with pytest.raises(ValueError):
        remap_ids_v2().predict(numpy.asarray([1]))
    with pytest.raises(ValueError):
        premap_ids({numpy.int64(1): 2})
    with pytest.raises(ValueError):
        premap_ids({"a": 2})
