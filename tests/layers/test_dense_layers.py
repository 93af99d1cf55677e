"""Dense layers: structure, sizes and options; values and gradients are in the contract."""

import numpy
import pytest

from thinc.layers.clipped_linear import ClippedLinear, HardSigmoid, HardTanh, ReluK
from thinc.layers.dish import Dish
from thinc.layers.dropout import Dropout
from thinc.layers.gelu import Gelu
from thinc.layers.hard_swish import HardSwish
from thinc.layers.hard_swish_mobilenet import HardSwishMobilenet
from thinc.layers.linear import Linear
from thinc.layers.maxout import Maxout
from thinc.layers.mish import Mish
from thinc.layers.multisoftmax import MultiSoftmax
from thinc.layers.relu import Relu
from thinc.layers.sigmoid import Sigmoid
from thinc.layers.softmax import Softmax, Softmax_v2
from thinc.layers.swish import Swish
from thinc.types import Padded, Ragged

ACTIVATED = [
    Relu, Maxout, Mish, Gelu, Swish, Dish, HardSwish, HardSwishMobilenet,
    ClippedLinear, HardSigmoid, HardTanh, ReluK,
]  # fmt: skip
NAMES = [
    "relu", "maxout", "mish", "gelu", "swish", "dish", "hardswish",
    "hardswishmobilenet", "clipped_linear", "clipped_linear", "clipped_linear",
    "clipped_linear",
]  # fmt: skip
DENSE = [Linear, Sigmoid, *ACTIVATED]


def numbers(*shape, seed=0):
    return numpy.random.default_rng(seed).normal(size=shape).astype("float32")


def prepare(make, nO=3, nI=5):
    model = make(nO, nI).initialize()
    for i, name in enumerate(model.param_names):
        model.set_param(name, numbers(*model.get_param(name).shape, seed=i + 1))
    return model


@pytest.mark.parametrize("make, name", list(zip(ACTIVATED, NAMES)))
def test_structure_of_activated_layers(make, name):
    model = make()
    dims = {"nO": None, "nI": None} | ({"nP": 3} if make is Maxout else {})
    assert model.name == name
    assert {dim: model.maybe_get_dim(dim) for dim in model.dim_names} == dims
    assert model.param_names == ("W", "b")
    assert model.has_param("W") is None and model.has_param("b") is None
    assert model.layers == []


@pytest.mark.parametrize(
    "make, attrs",
    [
        (Linear, {}),
        (ReluK, {"slope": 1.0, "offset": 0.0, "min_val": 0.0, "max_val": 6.0}),
        (HardTanh, {"slope": 1.0, "offset": 0.0, "min_val": -1.0, "max_val": 1.0}),
        (HardSigmoid, {"slope": 0.2, "offset": 0.5, "min_val": 0.0, "max_val": 1.0}),
        (Softmax, {"softmax_normalize": True, "softmax_temperature": 1.0}),
        (Dropout, {"dropout_rate": 0.0, "is_enabled": True}),
    ],
)
def test_attrs(make, attrs):
    assert make().attrs == attrs


@pytest.mark.parametrize("make", ACTIVATED)
def test_normalize_and_dropout_wrap_the_layer(make):
    model = make(2, 3, dropout=0.0, normalize=True)
    name = make().name
    assert model.name == f"{name}>>layernorm>>dropout"
    assert [layer.name for layer in model.layers] == [f"{name}>>layernorm", "dropout"]
    assert model.has_dim("nO") is None and model.get_dim("nI") == 3


@pytest.mark.parametrize("make", [*DENSE, Softmax])
def test_sizes_come_from_data(make):
    model = make().initialize(numbers(2, 5), numbers(2, 3))
    assert model.get_dim("nI") == 5 and model.get_dim("nO") == 3
    model.initialize(numbers(2, 5), numbers(2, 3))
    assert model.predict(numbers(2, 5)).shape == (2, 3)


@pytest.mark.parametrize("make", [Linear, *ACTIVATED])
def test_conflicting_size_is_refused(make):
    with pytest.raises(ValueError):
        make(3, 4).initialize(numbers(2, 5))


@pytest.mark.parametrize("make", [HardSigmoid, HardTanh, ReluK])
def test_bias_initializer_is_passed_on(make):
    model = make(2, 3, init_b=lambda ops, shape: ops.alloc(shape) + 7).initialize()
    assert (model.get_param("b") == 7).all()


def test_maxout_needs_pieces():
    with pytest.raises(ValueError):
        Maxout(2, 3, None).initialize()


def test_softmax_hands_the_gradient_of_the_scores_on():
    model, X, dY = prepare(Softmax), numbers(4, 5), numbers(4, 3)
    Y, backprop = model(X, is_train=True)
    assert numpy.allclose(Y.sum(axis=1), 1)
    assert numpy.allclose(backprop(dY), dY @ model.get_param("W"), atol=1e-5)


def test_softmax_without_normalizing_refuses_backprop():
    model = prepare(lambda nO, nI: Softmax_v2(nO, nI, normalize_outputs=False))
    Y, backprop = model(numbers(4, 5), is_train=False)
    with pytest.raises(ValueError, match="backprop is not supported"):
        backprop(Y)
    assert numpy.allclose(model(numbers(4, 5), is_train=True)[0].sum(axis=1), 1)


def test_softmax_temperature():
    model = prepare(lambda nO, nI: Softmax_v2(nO, nI, temperature=2.0))
    Y, backprop = model(numbers(4, 5), is_train=True)
    Z = numbers(4, 5) @ model.get_param("W").T + model.get_param("b")
    expected = numpy.exp(Z / 2)
    assert numpy.allclose(Y, expected / expected.sum(axis=1, keepdims=True), atol=1e-5)
    assert numpy.allclose(backprop(Y), Y / 2 @ model.get_param("W"), atol=1e-5)
    with pytest.raises(ValueError, match="softmax temperature.*zero"):
        Softmax_v2(temperature=0.0)
    model.attrs["softmax_temperature"] = -1.0
    with pytest.raises(ValueError, match="softmax temperature.*zero"):
        model.predict(numbers(4, 5))


@pytest.mark.parametrize("dY", [numpy.zeros((3, 3), "f"), numpy.zeros((4, 3), "d")])
def test_softmax_checks_the_gradient(dY):
    with pytest.raises(ValueError):
        prepare(Softmax)(numbers(4, 5), is_train=True)[1](dY)


def test_each_group_of_multisoftmax_is_a_distribution():
    model = prepare(lambda nO, nI: MultiSoftmax((1, 3), nI))
    Y, backprop = model(numbers(4, 5), is_train=True)
    assert numpy.allclose(Y[:, :1], 1) and numpy.allclose(Y[:, 1:].sum(axis=1), 1)
    assert numpy.allclose(backprop(Y), Y @ model.get_param("W"), atol=1e-5)


def test_dropout_without_effect_hands_the_same_object_on():
    X = numbers(2, 3)
    assert Dropout(0.5).predict(X) is X
    assert Dropout(0.0)(X, is_train=True)[0] is X
    model = Dropout(0.5)
    model.attrs["is_enabled"] = False
    assert model(X, is_train=True)[0] is X


def test_dropout_keeps_containers():
    lengths, array = numpy.array([1, 2], "i"), numpy.ones((3, 4), "f")
    padded = Padded(numpy.ones((2, 2, 4), "f"), lengths[::-1], lengths, lengths)
    for X in (array, [array], (array, array), Ragged(array, lengths), padded):
        Y, backprop = Dropout(0.5)(X, is_train=True)
        dX = backprop(X)
        assert type(Y) is type(dX) is (list if isinstance(X, tuple) else type(X))
    Y, backprop = Dropout(0.5)(array, is_train=True)
    assert numpy.array_equal(Y, backprop(array))
    assert set(numpy.unique(Y)) <= {0.0, 2.0}
