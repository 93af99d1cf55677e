"""check_gradient passes right layers and names what is wrong in others."""

import pickle

import numpy
import pytest

from thinc.api import (
    LSTM,
    Dropout,
    LayerNorm,
    Linear,
    Maxout,
    Model,
    Ragged,
    Relu,
    Softmax,
    chain,
    list2ragged,
    reduce_mean,
    with_array,
    with_padded,
)
from thinc.testing import GradientError, check_gradient


def numbers(*shape):
    return numpy.random.default_rng(0).normal(size=shape).astype("float32")


def wrong_layer(wrong):
    """Y = X · g, with one mistake in its gradients."""

    def forward(model, X, is_train):
        g = model.get_param("g")

        def backprop(dY):
            if wrong != "no gradient":
                d_g = (dY * X).sum(axis=0)
                model.inc_grad("g", {"sign": -d_g, "axis": d_g[::-1], "mean": d_g / len(X)}.get(wrong, d_g))
            return dY if wrong == "input" else dY * g

        return X * g, backprop

    return Model("gain", forward, params={"g": numbers(3) + 2})


@pytest.mark.parametrize("wrong", ["sign", "axis", "mean", "no gradient"])
def test_the_parameter_that_is_off_is_named(wrong):
    model = chain(Linear(3, 4), wrong_layer(wrong), Relu(2, 3)).initialize()
    with pytest.raises(GradientError) as caught:
        check_gradient(model, numbers(5, 4))
    (mismatch,) = caught.value.mismatches
    assert mismatch.where == "chain[1] > gain.g"
    assert mismatch.found != pytest.approx(mismatch.expected)
    assert f"backprop gives {mismatch.found:.6g}" in str(caught.value)


def test_a_wrong_gradient_of_the_input_is_named():
    with pytest.raises(GradientError, match=r"X\[\d, \d\]: backprop gives .*finite differences give"):
        check_gradient(wrong_layer("input"), numbers(5, 3))


def test_a_gradient_of_another_shape_is_named():
    def forward(model, X, is_train):
        return X.sum(axis=1), lambda dY: dY

    with pytest.raises(GradientError, match=r"X has the shape \(5, 3\), but its gradient \(5,\)"):
        check_gradient(Model("sum", forward), numbers(5, 3))


def test_right_layers_pass_in_any_container():
    Xs = [numbers(n, 4) for n in (2, 0, 3)]
    check_gradient(chain(Maxout(3, 4, dropout=0.3), LayerNorm(3)).initialize(), numbers(5, 4))
    check_gradient(chain(with_array(Relu(3, 4)), list2ragged(), reduce_mean()).initialize(), Xs)
    check_gradient(with_array(Linear(3, 4)).initialize(), Ragged(numbers(5, 4), numpy.array([2, 3], "i")))
    check_gradient(with_padded(LSTM(4, 4)).initialize(), Xs, ignore=["HC0"])


def test_what_is_not_trained_must_be_ignored():
    with pytest.raises(GradientError, match="lstm.HC0"):
        check_gradient(with_padded(LSTM(4, 4)).initialize(), [numbers(3, 4)])


def test_softmax_is_checked_against_its_scores():
    model = Softmax(3, 4).initialize()
    model.set_param("W", numbers(3, 4))

    def scores(model, X):
        return model.ops.affine(X, model.get_param("W"), model.get_param("b"))

    check_gradient(model, numbers(5, 4), of=scores)
    with pytest.raises(GradientError):
        check_gradient(model, numbers(5, 4))


def test_corners_are_no_mistakes():
    def forward(model, X, is_train):
        Y = model.ops.relu(X)
        return Y, lambda dY: model.ops.backprop_relu(dY, Y)

    X = numbers(5, 3)
    X[2] = 0.0
    check_gradient(Model("rectifier", forward), X)


def test_the_model_and_the_random_numbers_stay():
    model = chain(Relu(3, 4, dropout=0.5), Linear(2, 3)).initialize()
    X, before, state = numbers(5, 4), model.to_bytes(), numpy.random.get_state()[1].copy()
    check_gradient(model, X)
    assert model.to_bytes() == before
    assert not any(node.grad_names for node in model.walk())
    assert (numpy.random.get_state()[1] == state).all()
    numpy.testing.assert_array_equal(X, numbers(5, 4))


def test_dropout_alone():
    check_gradient(Dropout(0.5), numbers(5, 4))


def test_the_error_can_be_pickled():
    with pytest.raises(GradientError) as caught:
        check_gradient(wrong_layer("sign"), numbers(5, 3))
    copied = pickle.loads(pickle.dumps(caught.value))
    assert copied.mismatches == caught.value.mismatches and str(copied) == str(caught.value)
