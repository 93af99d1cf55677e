"""Errors on their way out of a tree: what they say, and that they stay what they are."""

import pickle

import numpy
import pytest
from model.samples import floats, forward

from thinc.api import Linear, Model, Ragged, Relu, chain, with_list
from thinc.errors import LoadError, ShapeError


def test_a_note_is_for_errors_that_are_not_ours_too():
    def fail(model, X, is_train):
        error = ZeroDivisionError("by hand")
        error.__notes__ = ["mine", "In the layer elsewhere"]
        raise error

    with pytest.raises(ZeroDivisionError) as caught:
        chain(Model("fails", fail), Relu(2)).predict(floats(1, 2))
    assert caught.value.__notes__ == ["mine", "In the layer chain[0] > fails, which got float32[1, 2]."]


def shared_callback(dY):
    return 1 // dY


def forward_with_shared_callback(model, X, is_train):
    return X, shared_callback


def test_the_second_layer_with_the_same_callback_is_named():
    _, backprop = chain(Model("one", forward_with_shared_callback), Model("two", forward_with_shared_callback))(1)
    with pytest.raises(ZeroDivisionError) as caught:
        backprop(0)
    assert caught.value.__notes__ == ["In the layer chain[1] > two"]


def test_an_error_comes_out_where_layers_were_taken_away_after_the_call():
    model = chain(Linear(1, 1), Model("two", forward_with_shared_callback))
    _, backprop = model.initialize()(floats(1, 1))
    model.layers.pop()
    with pytest.raises(ZeroDivisionError):
        backprop(0)


def test_a_layer_that_calls_itself_is_named_once():
    def twice(model, X, is_train):
        if len(X) > 1:
            return model(X[1:], is_train)
        raise ShapeError("too short")

    with pytest.raises(ShapeError, match="^again: too short"):
        Model("again", twice).predict(floats(3, 2))


def test_endless_recursion_keeps_its_error():
    def forever(model, X, is_train):
        return model(X, is_train)

    with pytest.raises(RecursionError):
        Model("forever", forever).predict(floats(1))


def test_an_error_in_the_init_of_others_keeps_its_type_and_path():
    def init(model, X=None, Y=None):
        raise ZeroDivisionError("by hand")

    with pytest.raises(ZeroDivisionError) as caught:
        chain(Linear(2, 2), Model("fails", forward, init=init)).initialize()
    assert caught.value.__notes__ == ["In the layer chain[1] > fails"]


def test_a_batch_in_one_piece_is_told_where_a_list_is_wanted():
    def one_by_one(model: Model, X: list[numpy.ndarray], is_train: bool):
        raise TypeError("no list")

    ragged = Ragged(floats(3, 2), numpy.array([1, 2], "i"))
    for X, advice in ((ragged, "Wrap the layer as with_list"), (floats(3, 2), "a list with one array for each")):
        with pytest.raises(TypeError, match=advice):
            Model("each", one_by_one).predict(X)
    assert with_list(Model("any", forward)).predict(ragged) == ragged


def test_a_load_error_is_pickled_with_its_place():
    error = pickle.loads(pickle.dumps(LoadError("nodes[2]", "is missing")))
    assert (error.path, error.reason) == ("nodes[2]", "is missing") and "nodes[2]: is missing" in str(error)
