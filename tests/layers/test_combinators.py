"""Combinators: structure, initialization, containers and gradients."""

import numpy
import pytest

from thinc.layers.add import add
from thinc.layers.bidirectional import bidirectional
from thinc.layers.cauchysimilarity import CauchySimilarity
from thinc.layers.chain import chain
from thinc.layers.clone import clone
from thinc.layers.concatenate import concatenate
from thinc.layers.dropout import Dropout
from thinc.layers.layernorm import LayerNorm
from thinc.layers.linear import Linear
from thinc.layers.map_list import map_list
from thinc.layers.mish import Mish
from thinc.layers.noop import noop
from thinc.layers.relu import Relu
from thinc.layers.residual import residual
from thinc.layers.resizable import resizable, resize_linear_weighted
from thinc.layers.siamese import siamese
from thinc.layers.tuplify import tuplify
from thinc.model import Model
from thinc.types import Padded, Ragged

LENGTHS = numpy.array([1, 2], dtype="int32")


def numbers(*shape, seed=0):
    return numpy.random.default_rng(seed).normal(size=shape).astype("float32")


def dims(model):
    return {name: model.maybe_get_dim(name) for name in model.dim_names}


def make_padded(data):
    size_at_t = numpy.array([2, 2, 1], dtype="int32")
    lengths = numpy.array([3, 2], dtype="int32")
    return Padded(data, size_at_t, lengths, numpy.array([0, 1], dtype="int32"))


@pytest.mark.parametrize(
    "make, name, expected",
    [
        (lambda: chain(Linear(2, 3), Relu(4, 2)), "linear>>relu", {"nO": 4, "nI": 3}),
        (lambda: add(Linear(), Linear()), "add", {"nO": None, "nI": None}),
        (lambda: add(Linear(), noop()), "add", {"nO": None}),
        (lambda: concatenate(Linear(), Relu()), "linear|relu", {"nO": None, "nI": None}),
        (lambda: residual(Linear(2, 3)), "residual(linear)", {"nO": 2, "nI": 3}),
        (lambda: clone(Linear(2, 2), 2), "linear>>linear", {"nO": 2, "nI": 2}),
        (lambda: tuplify(Linear(2, 3), Relu()), "tuple(linear, relu)", {"nI": None}),
        (lambda: bidirectional(Linear(2, 3)), "bilinear", {}),
        (lambda: map_list(Linear(2, 3)), "map_list", {}),
        (lambda: noop(), "noop", {}),
        (
            lambda: siamese(Linear(2, 3), CauchySimilarity(2)),
            "siamese(linear, cauchy_similarity)",
            {"nI": 3, "nO": 1},
        ),
        (
            lambda: resizable(Linear(2, 3), resize_linear_weighted),
            "resizable(linear)",
            {"nO": 2, "nI": 3},
        ),
    ],
)
def test_structure(make, name, expected):
    model = make()
    assert model.name == name and dims(model) == expected


@pytest.mark.parametrize("call", [chain, add, tuplify])
def test_two_layers_are_needed(call):
    with pytest.raises(TypeError):
        call()
    with pytest.raises(TypeError):
        call(Linear())


def test_chain_infers_sizes_from_data():
    model = chain(Relu(4), Relu(5), Linear()).initialize(numbers(2, 3), numbers(2, 6))
    assert dims(model) == {"nO": 6, "nI": 3}
    assert model.layers[1].get_dim("nI") == 4


@pytest.mark.parametrize("data", [False, True])
def test_chain_initializes_every_layer_once(data):
    calls = []

    def count(ops, shape):
        calls.append(shape)
        return ops.alloc(shape)

    model = chain(Linear(2, 3, init_W=count), Linear(4, 2, init_W=count))
    model.initialize(X=numbers(2, 3) if data else None)
    assert len(calls) == 2 and dims(model) == {"nO": 4, "nI": 3}


def test_chain_with_a_layer_without_dims():
    model = chain(Linear(1), Dropout(), Linear(1))
    model.set_dim("nO", 1)
    model.initialize(X=numbers(2, 1))
    assert model.predict(numbers(2, 1)).shape == (2, 1)


def test_long_chain():
    model = chain(*(noop() for _ in range(3000)))
    X = numbers(2, 3)
    Y, backprop = model(X, is_train=True)
    assert Y is X and backprop(X) is X


@pytest.mark.parametrize("combine", [add, tuplify, concatenate])
def test_gradients_of_parallel_layers_are_added(combine):
    model = combine(Linear(2, 3), Linear(2, 3)).initialize()
    X = numbers(4, 3)
    Y, backprop = model(X, is_train=True)
    ones = numpy.ones((4, 2), "f")
    dY = {add: ones, tuplify: (ones, ones), concatenate: numpy.ones((4, 4), "f")}
    expected = sum(ones @ layer.get_param("W") for layer in model.layers)
    assert numpy.allclose(backprop(dY[combine]), expected, atol=1e-5)


@pytest.mark.parametrize("combine", [add, tuplify, concatenate])
def test_parallel_identities_leave_the_arguments_alone(combine):
    model, X = combine(noop(), noop(), noop()), numbers(2, 3)
    before = X.copy()
    Y, backprop = model(X, is_train=True)
    assert numpy.array_equal(X, before)
    assert backprop(Y) is not None
    assert numpy.array_equal(X, before)


@pytest.mark.parametrize("wrap", [list, tuple, Ragged, Padded, numpy.asarray])
def test_residual_keeps_container_and_arguments(wrap):
    data = numpy.ones((3, 2, 2), "f")
    X = {
        list: [data[0], data[1]],
        tuple: (data[0], data[1]),
        Ragged: Ragged(data[0], numpy.array([1, 1], "i")),
        Padded: make_padded(data),
        numpy.asarray: data[0],
    }[wrap]
    Y, backprop = residual(noop())(X, is_train=True)
    dX = backprop(X)
    assert type(Y) is type(dX) is type(X)
    assert (data == 1).all()
    first = dX[0] if isinstance(dX, (list, tuple)) else getattr(dX, "data", dX)
    assert (numpy.asarray(first) == 2).all()


def test_residual_of_dense_layer():
    model, X = residual(Linear(3, 3)).initialize(), numbers(2, 3)
    Y, backprop = model(X, is_train=True)
    W = model.layers[0].get_param("W")
    assert numpy.allclose(Y, X + X @ W.T, atol=1e-5)
    assert numpy.allclose(backprop(X), X + X @ W, atol=1e-5)


def test_add_and_concatenate_extend_their_first_argument():
    total = add(add(Linear(), Linear()), Linear())
    assert len(total.layers) == 3
    wide = concatenate(concatenate(Linear(), Linear()), Linear())
    assert len(wide.layers) == 3
    assert len(chain(chain(noop(), noop()), noop()).layers) == 2


def test_add_without_layers_is_the_identity():
    model, X = add(Linear(), Linear()), numbers(2, 3)
    model._layers = []
    assert model.predict(X) is X


def test_concatenate_of_none_and_one():
    layer = Linear()
    assert concatenate().name == "noop" and concatenate(layer) is layer


def test_concatenate_of_lists_and_ragged():
    model, data = concatenate(noop(), noop()), numbers(3, 2)
    Ys, backprop = model([data[:1], data[1:]], is_train=True)
    assert [Y.shape for Y in Ys] == [(1, 4), (2, 4)]
    dXs = backprop(Ys)
    assert len(dXs) == 2 and numpy.allclose(dXs[1], 2 * data[1:])
    Y, backprop = model(Ragged(data, LENGTHS), is_train=True)
    assert Y.data.shape == (3, 4)
    assert numpy.allclose(backprop(Y).data, 2 * data)
    assert model([], is_train=True)[1]([]) == []


def test_concatenate_initializes_with_input_that_has_no_width():
    def lengths(model, X, is_train):
        return numpy.array([[len(item)] for item in X], dtype="f"), lambda dY: []

    model = concatenate(*(Model("lengths", lengths, dims={"nO": 1}) for _ in range(2)))
    model.initialize(X=["a text", "another"])

    assert model.get_dim("nO") == 2 and model.predict(["ab"]).tolist() == [[2, 2]]


def test_concatenate_sums_widths():
    model = concatenate(Linear(2), Linear(3)).initialize(X=numbers(4, 5))
    assert model.get_dim("nO") == 5 and model.predict(numbers(0, 5)).shape == (0, 5)


def test_concatenate_shows_the_truth_only_to_layers_without_a_width():
    X, Y = numbers(4, 3), numbers(4, 2)
    model = chain(concatenate(Linear(5), Linear(6)), LayerNorm(), Linear()).initialize(X, Y)
    assert model.predict(X).shape == Y.shape and model.layers[0].get_dim("nO") == 11


def test_clone():
    layer = Linear(2, 2)
    assert clone(layer, 1) is layer and clone(layer, 0).name == "noop"
    model = clone(layer, 3)
    assert len({node.id for node in model.layers}) == 3
    with pytest.raises(TypeError):
        clone(layer)


def test_same_layer_twice_in_tuplify():
    layer = Linear(2)
    model = tuplify(layer, layer).initialize(X=numbers(4, 3))
    assert model.get_dim("nI") == 3


def test_map_list():
    model = map_list(Linear(2)).initialize(X=[numbers(4, 3)])
    Ys, backprop = model([numbers(4, 3), numbers(1, 3)], is_train=True)
    assert [dX.shape for dX in backprop(Ys)] == [(4, 3), (1, 3)]
    assert model.predict([]) == []


def test_bidirectional_reverses_within_each_sequence():
    def total(model, X, is_train):
        Y = Padded(X.data.cumsum(axis=0), X.size_at_t, X.lengths, X.indices)

        def backprop(dY):
            data = dY.data[::-1].cumsum(axis=0)[::-1]
            return Padded(data, X.size_at_t, X.lengths, X.indices)

        return Y, backprop

    data = numpy.array([[[1], [10]], [[2], [20]], [[3], [0]]], dtype="f")
    Y, backprop = bidirectional(Model("total", total))(make_padded(data), True)
    assert Y.data[:, 0].tolist() == [[1, 6], [3, 5], [6, 3]]
    assert Y.data[:2, 1].tolist() == [[10, 30], [30, 20]]
    only_last = numpy.zeros((3, 2, 2), "f")
    only_last[0, 0, 1] = 1
    assert backprop(make_padded(only_last)).data[:, 0].ravel().tolist() == [1, 1, 1]


@pytest.mark.parametrize("data", [False, True])
def test_siamese_initializes_and_trains_its_layer(data):
    pair = (numbers(4, 3), numbers(4, 3, seed=1))
    model = siamese(Linear(2, 3), CauchySimilarity(None))
    model.initialize(X=pair if data else None)
    Y, backprop = model(pair, is_train=True)
    assert Y.shape == (4,) and ((Y > 0) & (Y <= 1)).all()
    assert [dX.shape for dX in backprop(Y)] == [(4, 3), (4, 3)]


def test_cauchy_similarity_gradient():
    model = CauchySimilarity(2).initialize()
    X1, X2 = numpy.array([[1.0, 2.0]]), numpy.array([[0.0, 0.5]])
    Y, backprop = model((X1, X2), is_train=True)
    dX1, dX2 = backprop(numpy.ones(1))
    step = 1e-6
    for i in range(2):
        moved = X1.copy()
        moved[0, i] += step
        slope = (model.predict((moved, X2))[0] - Y[0]) / step
        assert abs(slope - dX1[0, i]) < 10 * step and dX2[0, i] == -dX1[0, i]


def test_add_leaves_the_outputs_of_its_layers_to_their_gradients():
    X, dY = numbers(6, 5), numbers(6, 4, seed=1)
    left, right = Relu(4, 5).initialize(), Mish(4, 5).initialize()
    expected = sum(layer.begin_update(X)[1](dY.copy()) for layer in (left, right))

    Y, backprop = add(left, right)(X, is_train=True)

    numpy.testing.assert_allclose(backprop(dY), expected, rtol=1e-5, atol=1e-6)
