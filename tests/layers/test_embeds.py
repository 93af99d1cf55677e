"""Embeddings: vectors, gradients, columns and empty batches."""

import numpy
import pytest

from thinc.errors import DTypeError
from thinc.layers.array_getitem import array_getitem, floats_getitem, ints_getitem
from thinc.layers.embed import Embed
from thinc.layers.hashembed import HashEmbed
from thinc.layers.linear import Linear
from thinc.layers.sparselinear import SparseLinear
from thinc.layers.uniqued import uniqued
from thinc.layers.with_array import with_array


def dims(model):
    return {name: model.maybe_get_dim(name) for name in model.dim_names}


def counting_table(ops, shape):
    size = shape[0] * shape[1]
    return ops.asarray(numpy.arange(size, dtype="float32").reshape(shape))


def test_hashembed_vectors():
    model = HashEmbed(2, 10, seed=7, initializer=counting_table).initialize()
    ids = numpy.array([0, 1, 2, 12345678901234567890], dtype="uint64")
    Y, backprop = model(ids, is_train=True)
    assert Y.tolist() == [[44, 48], [30, 34], [26, 30], [54, 58]]
    dX = backprop(numpy.ones((4, 2), "f"))
    assert dX.dtype == "int32" and dX.shape == (4,) and not dX.any()
    expected = [1, 3, 0, 1, 3, 1, 1, 3, 0, 3]
    assert model.get_grad("E").tolist() == [[n, n] for n in expected]
    assert model.predict(numpy.array([-1])).tolist() == [[16, 20]]


def test_structure():
    assert dims(Embed(3, 4)) == {"nO": 3, "nV": 4}
    assert Embed(3, 4).attrs == {"column": None}
    model = Embed(3, 4, column=1, dropout=0.2)
    assert model.name == "ints-getitem>>embed" and dims(model) == {"nO": 3}
    assert model.attrs == {"column": 1}
    assert model.layers[0].attrs == {"index": (slice(0, None), 1)}
    assert model.layers[1].attrs == {"dropout_rate": 0.2}
    model = HashEmbed(3, 4, column=1, seed=5, dropout=0.1)
    assert model.name == "ints-getitem>>hashembed" and model.attrs == {"column": 1}
    inner = {"column": 1, "seed": 5, "dropout_rate": 0.1}
    assert model.layers[1].attrs == inner
    assert dims(model.layers[1]) == {"nO": 3, "nV": 4, "nI": None}
    model = HashEmbed(3, 4)
    assert model.attrs == {"column": None, "seed": model.id}


@pytest.mark.parametrize("dtype", ["int32", "int64", "uint32", "uint64"])
def test_embed_values_and_gradient(dtype):
    model = Embed(2, 4, initializer=counting_table).initialize()
    Y, backprop = model(numpy.array([1, 3, 1], dtype=dtype), is_train=True)
    assert Y.tolist() == [[2, 3], [6, 7], [2, 3]]
    dX = backprop(numpy.ones((3, 2), "f"))
    assert dX.dtype == "int32" and dX.shape == (3,)
    assert model.get_grad("E").tolist() == [[0, 0], [2, 2], [0, 0], [1, 1]]


def test_embed_wraps_negative_ids_and_refuses_large_ones():
    model = Embed(2, 4, initializer=counting_table).initialize()
    Y, backprop = model(numpy.array([-1]), is_train=True)
    backprop(Y)
    assert model.get_grad("E")[3].tolist() == Y[0].tolist() == [6, 7]
    with pytest.raises(IndexError):
        model.predict(numpy.array([4]))


def test_a_batch_of_no_sequences_has_no_vectors():
    Y, backprop = with_array(Embed(2, 5).initialize())([], is_train=True)
    assert Y == [] == backprop(Y)


def test_ids_that_are_no_whole_numbers_are_named():
    with pytest.raises(DTypeError, match="the ids are float32. Give it whole numbers"):
        Embed(2, 5).initialize().predict(numpy.ones(3, "f"))


@pytest.mark.parametrize("make", [Embed, HashEmbed])
@pytest.mark.parametrize("shape", [(0,), (0, 3), (0, 0)])
def test_empty_batch(make, shape):
    model = make(2, 4, column=None if len(shape) == 1 else 1).initialize()
    Y, backprop = model(numpy.zeros(shape, "int64"), is_train=True)
    assert Y.shape == (0, 2)
    assert backprop(Y).shape == shape


@pytest.mark.parametrize("make", [Embed, HashEmbed])
def test_dropout_masks_columns_without_writing_the_gradient(make):
    model = make(50, 4, dropout=0.5).initialize()
    Y, backprop = model(numpy.array([1, 1, 1]), is_train=True)
    assert (Y == Y[0]).all() and 0 < (Y == 0).sum() < Y.size
    dY = numpy.ones((3, 50), "f")
    dY.flags.writeable = False
    backprop(dY)
    assert ((model.get_grad("E").sum(axis=0) == 0) == (Y[0] == 0)).all()
    assert (model.predict(numpy.array([1])) != 0).any()


def test_two_dimensional_ids_need_a_column():
    with pytest.raises(ValueError):
        HashEmbed(2, 4).initialize().predict(numpy.zeros((2, 2), "int64"))


def test_column_gradient_has_the_shape_of_the_input():
    X = numpy.array([[1, 2], [3, 0], [5, 2]], dtype="int64")
    for make in (Embed, HashEmbed):
        model = make(2, 4, column=1).initialize()
        Y, backprop = model(X, is_train=True)
        dX = backprop(Y)
        assert dX.shape == X.shape and dX.dtype == X.dtype and not dX.any()


@pytest.mark.parametrize("rows", [0, 1, 5])
def test_uniqued_gives_what_the_layer_gives(rows):
    X = numpy.array([[1, 2], [3, 0], [1, 2], [1, 2], [3, 0]], dtype="int64")[:rows]
    plain = Embed(2, 4, column=0, initializer=counting_table).initialize()
    model = uniqued(Embed(2, 4, column=0, initializer=counting_table)).initialize()
    assert model.name == "uniqued(ints-getitem>>embed)" and model.attrs == {"column": 0}
    Y, backprop = model(X, is_train=True)
    expected, backprop_plain = plain(X, is_train=True)
    assert Y.tolist() == expected.tolist()
    assert backprop(Y).shape == X.shape
    backprop_plain(expected)
    grads = [node.layers[1].get_grad("E") for node in (model.layers[0], plain)]
    assert grads[0].tolist() == grads[1].tolist()


def test_getitem_names():
    names = [make(0).name for make in (array_getitem, floats_getitem, ints_getitem)]
    assert names == ["array-getitem", "floats-getitem", "ints-getitem"]


@pytest.mark.parametrize("index", [1, slice(0, 2), [2, 2, 0], (slice(0, None), 1)])
def test_getitem_gradient_adds_up(index):
    X = numpy.arange(12, dtype="float32").reshape(3, 4)
    Y, backprop = array_getitem(index)(X, is_train=True)
    dX = backprop(numpy.ones_like(Y))
    expected = numpy.zeros_like(X)
    numpy.add.at(expected, index, 1)
    assert numpy.array_equal(Y, X[index]) and numpy.array_equal(dX, expected)


@pytest.mark.parametrize(
    "make,name,X",
    [
        (lambda: HashEmbed(2, 10, seed=7), "E", numpy.arange(3, dtype="uint64")),
        (
            lambda: SparseLinear(2, 8),
            "W",
            (numpy.arange(3, dtype="uint64"), numpy.ones(3, "f"), numpy.array([1, 2], "i")),
        ),
        (lambda: Linear(2, 4), "W", numpy.ones((3, 4), "f")),
    ],
    ids=["HashEmbed", "SparseLinear", "Linear"],
)
def test_a_gradient_that_was_set_to_a_number_is_added_to(make, name, X):
    """Callers clear a gradient by `set_grad(name, 0.0)`."""
    model = make().initialize()
    Y, backprop = model(X, is_train=True)
    backprop(numpy.ones_like(Y))
    expected = model.get_grad(name).copy()

    model.set_grad(name, 0.0)
    backprop(numpy.ones_like(Y))

    assert expected.any() and numpy.array_equal(model.get_grad(name), expected)
