"""A layer that can't be made, fed or resized says why; one that lacks data leaves its dims open."""

import numpy
import pytest

from thinc.api import (
    Activation,
    LayerNorm,
    Linear,
    Maxout,
    Padded,
    Ragged,
    Relu,
    chain,
    clone,
    concatenate,
    list2padded,
    list2ragged,
    reduce_mean,
    residual,
    resizable,
    siamese,
    tuplify,
    with_axes,
    with_cpu,
    with_list,
    with_padded,
    with_ragged,
    with_reshape,
)
from thinc.backends import NumpyOps
from thinc.errors import ContainerError, ShapeError
from thinc.layers.cauchysimilarity import CauchySimilarity
from thinc.layers.resizable import resize_linear_weighted, resize_model
from thinc.model import Model


def floats(*shape):
    return numpy.zeros(shape, "f")


@pytest.mark.parametrize(
    "make, error, text",
    [
        (lambda: clone(Linear(), -1), ValueError, r"clone\(linear\): n must be 0 or more, got -1"),
        (lambda: Activation("elo"), ValueError, "got kind='elo'. Choose one of relu, .*elu"),
        (lambda: Activation("elu", beta=1), ValueError, "got beta for 'elu', which takes alpha"),
        (lambda: Activation("relu", beta=1), ValueError, "got beta for 'relu', which takes nothing"),
        (lambda: with_axes(Linear(), ["btw", "bb"]), ShapeError, "got 'bb'. Give it words of the letters b, t and w"),
        (lambda: with_axes(Linear(), ["bt"]), ShapeError, "got 'bt'"),
        (
            lambda: with_ragged(Linear()).predict("text"),
            ContainerError,
            "with_ragged: got str, wants Padded or Ragged or list",
        ),
        (
            lambda: with_padded(Linear()).predict(3),
            ContainerError,
            "with_padded: got int, wants Padded or Ragged or list",
        ),
    ],
)
def test_what_can_not_be_is_told_with_the_choices(make, error, text):
    with pytest.raises(error, match=text):
        make()


# -- resizable --


def linear(nO=2, nI=3):
    return resizable(Linear(nO, nI), resize_linear_weighted)


def test_a_layer_grows_before_and_after_it_knows_its_sizes():
    unset, no_nI = linear(None, None), linear(2, None)
    for model in (unset, no_nI):
        assert resize_model(model, 4).get_dim("nO") == model.layers[0].get_dim("nO") == 4
        assert model.initialize(X=floats(1, 3)).predict(floats(1, 3)).shape == (1, 4)
    model = linear().initialize()
    before = model.layers[0]
    assert resize_model(model, 2).layers[0] is before


def test_a_layer_never_loses_rows():
    with pytest.raises(ShapeError, match="can't go from 2 to 1 outputs, as weights would be lost"):
        resize_model(linear().initialize(), 1)


def test_a_param_that_is_not_set_stays_unset():
    layer = Linear(2, 3).initialize()
    layer.set_param("b", None)
    grown = resize_linear_weighted(layer, 4, fill_defaults={"W": 7.0})
    assert grown.get_param("W")[2:].tolist() == [[7.0] * 3] * 2
    numpy.testing.assert_array_equal(grown.get_param("W")[:2], layer.get_param("W"))


def test_a_layer_without_outputs_of_its_own_is_replaced():
    model = resizable(reduce_mean(), lambda layer, nO: chain(layer, Linear(nO)))
    assert not model.has_dim("nO") and resize_model(model, 2).layers[0].has_dim("nO")


# -- dims where the data say little --


def test_a_chain_of_layers_without_widths_has_none():
    model = chain(list2ragged(), reduce_mean())
    model.initialize(X=[floats(2, 3)])
    assert model.get_dim("nO") == 3
    assert chain(Relu(4, 3), Linear(2, 4)).initialize().get_dim("nO") == 2


def test_an_output_without_a_width_leaves_that_of_the_last_layer():
    named = Model("named", lambda model, X, is_train: ({"X": X}, lambda dY: dY["X"]), dims={"nO": 5})
    model = chain(Linear(3), named)
    assert model.initialize(X=floats(2, 4)).maybe_get_dim("nO") == 5


def test_a_concatenation_has_no_width_where_a_layer_has_none():
    model = concatenate(Linear(2, 3), residual(Linear(3, 3))).initialize()
    assert model.get_dim("nO") == 5
    open_ended = concatenate(Linear(2, 3), Activation("relu")).initialize(X=floats(2, 3))
    assert open_ended.has_dim("nO") is None and open_ended.predict(floats(2, 3)).shape == (2, 5)


def test_a_norm_knows_its_output_from_its_input():
    model = LayerNorm(3).initialize()
    assert model.get_dim("nO") == 3


def test_a_reshaped_layer_passes_on_the_dims_it_has():
    model = with_reshape(Activation("relu")).initialize(X=floats(2, 2, 3))
    assert model.has_dim("nI") is None and model.predict(floats(2, 2, 3)).shape == (2, 2, 3)


def test_twins_are_initialized_with_and_without_data():
    bare = siamese(Linear(4, 3), CauchySimilarity())
    bare.initialize()
    assert bare.layers[1].get_dim("nI") == 4 and bare.get_dim("nI") == 3
    told = siamese(Linear(4, 3), CauchySimilarity(4)).initialize()
    assert told.layers[1].get_dim("nI") == 4
    free = siamese(Activation("relu"), CauchySimilarity())
    pair = (floats(2, 3), floats(2, 3))
    assert free.initialize(X=pair).predict(pair).shape == (2,)


def test_a_tuple_of_layers_is_initialized_from_both_sides():
    model = tuplify(Linear(), Linear(5))
    model.initialize(X=floats(2, 3), Y=(floats(2, 4), floats(2, 9)))
    assert [layer.get_dim("nO") for layer in model.layers] == [4, 5] and model.get_dim("nI") == 3


# -- containers --


def test_a_pair_of_rows_and_lengths_comes_back_as_one():
    layer = Model("ragged", lambda model, X, is_train: (X, lambda dY: dY))
    X, lengths = floats(3, 2), numpy.array([1, 2], "i")
    Y, backprop = with_ragged(layer)((X, lengths), is_train=True)
    for rows, sizes in (Y, backprop((X + 1, lengths))):
        assert rows.shape == (3, 2) and sizes is lengths
    assert backprop((X + 1, lengths))[0].all() and not Y[0].any()


def test_the_four_arrays_of_a_padded_batch_come_back_as_four():
    layer = Model("padded", lambda model, X, is_train: (X, lambda dY: dY))
    X = (floats(2, 2, 3), numpy.array([2, 1], "i"), numpy.array([2, 1], "i"), numpy.array([0, 1], "i"))
    Y, backprop = with_padded(layer)(X, is_train=True)
    assert [a is b for a, b in zip(Y, X)] == [True] * 4 and backprop(X)[0] is X[0]


def test_sequences_of_another_order_are_padded_again():
    """A layer between may have changed the lengths, so that the old order is none."""
    shorten = Model("shorten", lambda model, X, is_train: ([x[:1] for x in X], lambda dY: dY))
    X = list2padded().predict([floats(1, 3), floats(2, 3)])
    Y = with_list(shorten).predict(X)
    assert isinstance(Y, Padded) and Y.lengths.tolist() == [1, 1] and Y.data.shape == (1, 2, 3)


def test_a_layer_on_the_cpu_takes_every_container():
    layer = Model("any", lambda model, X, is_train: (X, lambda dY: dY))
    model = with_cpu(layer, NumpyOps())
    ragged = Ragged(floats(3, 2), numpy.array([1, 2], "i"))
    X = {"list": [floats(2), (floats(1), "text")], "ragged": ragged, "none": None}
    Y, backprop = model(X, is_train=True)
    assert Y["ragged"] == ragged and Y["list"][1][1] == "text" and Y["none"] is None
    assert backprop(X).keys() == X.keys()


def test_arrays_of_several_axes_are_joined_along_the_second():
    wide = Model("wide", lambda model, X, is_train: (X, lambda dY: dY))
    model = concatenate(wide, wide)
    X = numpy.arange(12.0).reshape(2, 3, 2)
    Y = model.predict(X)
    assert Y.shape == (2, 6, 2) and (Y[:, :3] == X).all() and (Y[:, 3:] == X).all()


def test_maxout_of_one_piece_is_linear():
    assert Maxout(2, 3, 1).initialize().predict(floats(4, 3)).shape == (4, 2)
