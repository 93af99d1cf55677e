"""Losses and training steps at their edges."""

import numpy
import pytest

from thinc.api import (
    CategoricalCrossentropy,
    L2Distance,
    Linear,
    SequenceCategoricalCrossentropy,
    SoftmaxCrossentropy,
    accumulate_gradients,
    with_array2d,
)
from thinc.types import Padded

SHARES = numpy.array([[0.25, 0.75], [0.5, 0.5]], "f")


def test_a_missing_name_has_no_gradient_though_it_is_a_class():
    loss = CategoricalCrossentropy(names=["A", "B"], missing_value="A", normalize=False)
    assert loss.get_grad(SHARES, ["A", "B"]).tolist() == [[0, 0], [0.5, -0.5]]


@pytest.mark.parametrize(
    "guesses, truths",
    [
        ([SHARES, SHARES.astype("f8")], [[0, 1], [1, 1]]),
        ([SHARES, SHARES], [[0, 1], numpy.array([1, 1])]),
        ([SHARES, SHARES], [(0, 1), (1, 1)]),
        ([SHARES, SHARES], [numpy.eye(2, dtype="f"), numpy.eye(2, dtype="f")]),
    ],
    ids=["two dtypes", "lists and arrays", "tuples", "shares"],
)
def test_sequences_of_every_kind_get_the_gradients_of_each_alone(guesses, truths):
    whole = SequenceCategoricalCrossentropy(normalize=False).get_grad(guesses, truths)
    alone = CategoricalCrossentropy(normalize=False)
    for grad, yh, y in zip(whole, guesses, truths):
        numpy.testing.assert_array_equal(grad, alone.get_grad(yh, y))
        assert grad.dtype == yh.dtype


def test_the_count_of_truths_is_that_of_the_known_weighted_ones():
    assert SoftmaxCrossentropy().count([0, 1, 1]) == 3
    assert SoftmaxCrossentropy(class_weights=[1.0, 5.0]).count([0, 1, 1]) == 11
    assert (
        SoftmaxCrossentropy(class_weights=[1.0, 5.0]).count(numpy.eye(2, dtype="f")) == 2
    )  # shares: rows, as in torch
    assert SoftmaxCrossentropy(missing_value=1).count([0, 1, 1]) == 1


def test_gradients_of_padded_batches_are_accumulated():
    lengths = numpy.array([2, 1], "i")

    def padded(rows):
        return Padded(rows.reshape(2, -1, rows.shape[-1]), lengths, lengths, numpy.arange(2, dtype="i"))

    class Loss:
        """L2 of all rows of a Padded batch."""

        normalize = True

        def __call__(self, guesses, truths):
            d, value = L2Distance(normalize=False)(guesses.data.reshape(-1, 2), truths)
            return padded(d), value

    X, Y = numpy.arange(12, dtype="f").reshape(4, 3), numpy.ones((4, 2), "f")
    model = with_array2d(Linear(2, 3)).initialize()
    accumulate_gradients(model, [(padded(X), Y)], Loss())
    whole = model.layers[0].get_grad("W").copy()
    model.layers[0].set_grad("W", whole * 0)
    accumulate_gradients(model, [(padded(X), Y), (padded(X), Y)], Loss())
    numpy.testing.assert_allclose(model.layers[0].get_grad("W"), whole, rtol=1e-6)
