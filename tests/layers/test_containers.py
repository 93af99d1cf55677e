"""Layers that move sequences between containers, and layers fed through them."""

import numpy
import pytest

from thinc.api import DataValidationError, NumpyOps, data_validation
from thinc.layers.expand_window import expand_window
from thinc.layers.linear import Linear
from thinc.layers.list2array import list2array
from thinc.layers.list2padded import list2padded
from thinc.layers.list2ragged import list2ragged
from thinc.layers.map_list import map_list
from thinc.layers.multiheadattention import MultiHeadAttention
from thinc.layers.noop import noop
from thinc.layers.padded2list import padded2list
from thinc.layers.ragged2list import ragged2list
from thinc.layers.with_array import with_array
from thinc.layers.with_array2d import with_array2d
from thinc.layers.with_getitem import with_getitem
from thinc.layers.with_list import with_list
from thinc.layers.with_padded import with_padded
from thinc.layers.with_ragged import with_ragged
from thinc.layers.with_reshape import with_reshape
from thinc.model import Model
from thinc.types import Padded, Ragged

LENGTHS = numpy.asarray([2, 4, 1, 2], dtype="i")
WRAPPERS = [with_array, with_array2d, with_list, with_ragged, with_padded]


def numbers(*shape, seed=0):
    return numpy.random.default_rng(seed).normal(size=shape).astype("float32")


def batch(kind, width=3, seed=0):
    Xs = [numbers(n, width, seed=seed + i) for i, n in enumerate(LENGTHS)]
    if kind == "list":
        return Xs
    if kind == "ragged":
        return Ragged(numpy.concatenate(Xs), LENGTHS)
    return list2padded().predict(Xs)


def rows(X):
    if isinstance(X, Padded):
        X = padded2list().predict(X)
    return X.data if isinstance(X, Ragged) else numpy.concatenate(X)


def adapted(linear):
    """The layer on the data of any container, for views that don't show an array."""

    def forward(model, X, is_train):
        (layer,) = model.layers

        def apply(f, Z):
            if isinstance(Z, list):
                return [f(z) for z in Z]
            if isinstance(Z, Ragged):
                return Ragged(f(Z.data), Z.lengths)
            if isinstance(Z, Padded):
                flat = f(Z.data.reshape(-1, Z.data.shape[-1]))
                data = flat.reshape((*Z.data.shape[:2], -1))
                return Padded(data, Z.size_at_t, Z.lengths, Z.indices)
            return f(Z.reshape(-1, Z.shape[-1])).reshape((*Z.shape[:-1], -1))

        W, b = layer.get_param("W"), layer.get_param("b")
        return apply(lambda x: x @ W.T + b, X), lambda dY: apply(lambda d: d @ W, dY)

    return Model("adapted", forward, layers=[linear])


@pytest.mark.parametrize("kind", ["list", "ragged", "padded"])
@pytest.mark.parametrize("wrap", WRAPPERS)
def test_noop_keeps_the_batch(wrap, kind):
    X = batch(kind)
    Y, backprop = wrap(noop())(X, is_train=True)
    dY = batch(kind, seed=50)
    for given, found in ((X, Y), (dY, backprop(dY))):
        assert type(found) is type(given)
        numpy.testing.assert_array_equal(rows(found), rows(given))


@pytest.mark.parametrize("kind", ["list", "ragged", "padded"])
@pytest.mark.parametrize("wrap", WRAPPERS)
def test_outputs_and_gradients_of_a_linear_map(wrap, kind):
    linear = Linear(2, 3).initialize()
    linear.set_param("b", numbers(2))
    W = linear.get_param("W")
    X, dY = batch(kind), batch(kind, width=2, seed=50)
    Y, backprop = wrap(adapted(linear))(X, is_train=True)
    numpy.testing.assert_allclose(rows(Y), rows(X) @ W.T + numbers(2), rtol=1e-4, atol=1e-5)
    dX = backprop(dY)
    assert type(Y) is type(dX) is type(X)
    numpy.testing.assert_allclose(rows(dX), rows(dY) @ W, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", ["list", "ragged", "padded"])
def test_with_array2d_trains_a_linear_layer(kind):
    X, dY = batch(kind), batch(kind, width=2, seed=50)
    model = with_array2d(Linear()).initialize(X=X, Y=dY)
    assert model.get_dim("nI") == 3 and model.get_dim("nO") == 2
    _, backprop = model(X, is_train=True)
    backprop(dY)
    numpy.testing.assert_allclose(model.layers[0].get_grad("W"), rows(dY).T @ rows(X), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("wrap", WRAPPERS)
def test_empty_list(wrap):
    Y, backprop = wrap(noop())([], is_train=True)
    assert list(Y) == [] and list(backprop([])) == []


@pytest.mark.parametrize("wrap", [with_array, with_array2d, with_list])
def test_arrays_pass(wrap):
    X = numbers(4, 3)
    model = wrap(Linear(2, 3)).initialize()
    Y, backprop = model(X, is_train=True)
    assert Y.shape == (4, 2) and backprop(Y).shape == X.shape


def test_with_ragged_gives_no_rows_the_width_of_its_layer():
    model = with_ragged(MultiHeadAttention(4, nI=4, n_heads=1).initialize())
    Y, backprop = model([], is_train=True)
    assert Y == [] == backprop([])


def test_with_array_pad_keeps_windows_apart():
    X = batch("list")
    Y = with_array(expand_window(1), pad=1).predict(X)
    for x, y in zip(X, Y):
        numpy.testing.assert_array_equal(y, expand_window(1).predict(x))


def test_with_array_copies_dims():
    model = with_array(Linear()).initialize(X=batch("list"), Y=batch("list", width=2))
    assert (model.get_dim("nI"), model.get_dim("nO")) == (3, 2)
    assert model.name == with_array2d(Linear()).name == "with_array(linear)"


def test_with_padded_raw_data():
    Xp = batch("padded")
    raw = (Xp.data, Xp.size_at_t, Xp.lengths, Xp.indices)
    Y, backprop = with_padded(noop())(raw, is_train=True)
    assert isinstance(Y, tuple) and len(Y) == 4 and isinstance(backprop(Y), tuple)
    X = numbers(5, 2, 3)
    seen = []

    def probe_forward(model, X, is_train):
        seen.append(X)
        return X, lambda dY: dY

    probe = Model("probe", probe_forward)
    numpy.testing.assert_array_equal(with_padded(probe).predict(X), X)
    assert list(seen[0].size_at_t) == [2] * 5 and list(seen[0].lengths) == [5, 5]
    assert list(seen[0].indices) == [0, 1]


def test_with_ragged_raw_data():
    X = (numbers(9, 3), LENGTHS)
    Y, backprop = with_ragged(noop())(X, is_train=True)
    assert isinstance(Y, tuple) and isinstance(backprop(Y), tuple)
    numpy.testing.assert_array_equal(Y[0], X[0])


def test_transforms_and_their_gradients_are_inverse():
    Xs = batch("list")
    for there, back in ((list2ragged, ragged2list), (list2padded, padded2list)):
        Y, backprop = there()(Xs, is_train=True)
        Zs, backprop_back = back()(Y, is_train=True)
        for found in (Zs, backprop(Y), backprop(backprop_back(Zs))):
            for x, z in zip(Xs, found):
                numpy.testing.assert_array_equal(x, z)
    Y, backprop = list2array()(Xs, is_train=True)
    numpy.testing.assert_array_equal(Y, numpy.concatenate(Xs))
    assert [len(x) for x in backprop(Y)] == list(LENGTHS)


def test_list2array_without_rows():
    assert list2array().predict([]).shape == (0, 0)
    assert list2array().predict([numbers(0, 3)]).shape == (0, 3)


def test_with_reshape():
    X = numbers(2, 4, 3)
    model = with_reshape(Linear()).initialize(X=X, Y=numbers(2, 4, 5))
    Y, backprop = model(X, is_train=True)
    assert Y.shape == (2, 4, 5) and model.get_dim("nO") == 5
    dX = backprop(Y)
    numpy.testing.assert_allclose(dX, Y @ model.layers[0].get_param("W"), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("idx", [1, -1])
@pytest.mark.parametrize("kind", [tuple, list])
def test_with_getitem(idx, kind):
    items = kind([numbers(2, 3), numbers(4, 3)])
    model = with_getitem(idx, Linear(2, 3)).initialize()
    Y, backprop = model(items, is_train=True)
    assert type(Y) is kind and len(Y) == 2
    assert Y[0] is items[0] and Y[1].shape == (4, 2)
    dX = backprop(Y)
    assert type(dX) is kind and dX[1].shape == (4, 3)


def test_map_list():
    model = map_list(Linear(2, 3)).initialize()
    Ys, backprop = model(batch("list"), is_train=True)
    assert [y.shape for y in Ys] == [(n, 2) for n in LENGTHS]
    assert [x.shape for x in backprop(Ys)] == [(n, 3) for n in LENGTHS]


@pytest.mark.parametrize("make", [padded2list, lambda: with_list(noop())])
def test_gradient_keeps_the_order_of_equal_lengths(make):
    Xp = batch("padded")
    order = [1, 3, 0, 2]
    Xs = batch("list")
    data = numpy.zeros_like(Xp.data)
    for column, i in enumerate(order):
        data[: LENGTHS[i], column] = Xs[i]
    X = Padded(data, Xp.size_at_t, LENGTHS[order], numpy.asarray(order, dtype="i"))
    Y, backprop = make()(X, is_train=True)
    dX = backprop(Y)
    numpy.testing.assert_array_equal(dX.data, data)
    assert list(dX.indices) == order


@pytest.mark.parametrize("make", [with_list, with_ragged, with_padded])
def test_data_validation_knows_the_containers_of_each_view(make):
    X, lengths = numpy.ones((5, 4), "f"), numpy.array([2, 3], "i")
    padded = NumpyOps().list2padded([X])
    four = (padded.data, padded.size_at_t, padded.lengths, padded.indices)
    taken = {"list": [X], "Ragged": Ragged(X, lengths), "Padded": padded}
    others = {"array": X, "two": (X, lengths), "four": four, "text": "abc"}
    if make is with_ragged:
        taken["two"] = others.pop("two")
    if make is with_padded:
        taken |= {"array": others.pop("array"), "four": others.pop("four")}

    with data_validation(True):
        for batch in taken.values():
            make(noop()).initialize(batch)
        for batch in others.values():
            with pytest.raises(DataValidationError, match=make.__name__):
                make(noop()).initialize(batch)
