"""Uneven micro-batches give the gradient of the whole batch."""

import numpy
import pytest
import torch

from thinc.api import (
    SGD,
    BinaryCrossentropy,
    CategoricalCrossentropy,
    CosineDistance,
    L2Distance,
    Linear,
    PyTorchWrapper,
    Relu,
    SequenceCategoricalCrossentropy,
    Softmax,
    SoftmaxCrossentropy,
    accumulate_gradients,
    chain,
    sigmoid_activation,
    with_array,
)
from thinc.types import Ragged

NAN = float("nan")
IDS = [0, 2, 1, 1, 0, 2, 2, 1, 0, 1, 2]
SHARES = numpy.random.default_rng(0).dirichlet([1, 1, 1], size=11).astype("f")
KNOWN = numpy.where(numpy.random.default_rng(1).random((11, 3)) < 0.3, NAN, SHARES > 0.3).astype("f")
CASES = {
    "L2": (L2Distance(), SHARES, None),
    "cosine": (CosineDistance(), SHARES, None),
    "categorical": (CategoricalCrossentropy(missing_value=1), IDS, Softmax),
    "not normalized": (CategoricalCrossentropy(normalize=False), IDS, Softmax),
    "class weights": (SoftmaxCrossentropy(class_weights=[1.0, 5.0, 0.2], missing_value=2), IDS, Softmax),
    "missing values": (BinaryCrossentropy(from_logits=True), KNOWN, None),
}


def gradients(model):
    wrapped = [p.grad.numpy() for node in model.walk() for shim in node.shims for p in shim._model.parameters()]
    return [grad for _, grad in model.get_gradients().values()] + wrapped


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("cuts", [(3,), (1, 2, 10), (4, 4, 7)])
def test_uneven_parts_are_the_whole(name, cuts):
    loss, Y, last = CASES[name]
    X = numpy.random.default_rng(2).normal(size=(11, 4)).astype("f")
    torch.manual_seed(0)
    numpy.random.seed(0)
    whole = chain(Relu(5, 4), PyTorchWrapper(torch.nn.Linear(5, 6)), (last or Linear)(3, 6)).initialize(X=X)
    parts = whole.copy()
    guesses, backprop = whole.begin_update(X)
    backprop(loss(guesses, Y)[0])
    borders = [0, *cuts, 11]
    batches = [(X[a:b], Y[a:b]) for a, b in zip(borders, borders[1:])]
    value = accumulate_gradients(parts, (batch for batch in batches), loss)
    assert numpy.isfinite(value)
    for one, other in zip(gradients(whole), gradients(parts), strict=True):
        assert abs(one - other).max() <= 1e-6 * max(1.0, abs(one).max())


def test_values_are_weighed_like_gradients():
    X, Y = numpy.random.default_rng(2).normal(size=(11, 3)).astype("f"), IDS
    model, loss = Linear(3, 3).initialize(), SoftmaxCrossentropy(from_logits=True, class_weights=[1.0, 5.0, 0.2])
    value = accumulate_gradients(model, [(X[:2], Y[:2]), (X[2:], Y[2:])], loss)
    assert abs(value - loss.get_loss(model.predict(X), Y)) < 1e-6


def test_sequences_are_counted_as_sequences():
    Xs = [numpy.random.default_rng(n).normal(size=(n, 4)).astype("f") for n in (3, 1, 4, 2)]
    Ys = [[0, 1, 2], [2], [1, 1, 0, 2], [0, 0]]
    loss = SequenceCategoricalCrossentropy()
    whole = with_array(Softmax(3, 4)).initialize(X=Xs)
    parts = whole.copy()
    guesses, backprop = whole.begin_update(Xs)
    backprop(loss(guesses, Ys)[0])
    accumulate_gradients(parts, [(Xs[:3], Ys[:3]), (Xs[3:], Ys[3:])], loss)
    for one, other in zip(gradients(whole), gradients(parts), strict=True):
        assert abs(one - other).max() <= 1e-6


def test_gradients_in_containers_and_plain_functions_are_scaled():
    def batch(*lengths):
        return Ragged(numpy.ones((sum(lengths), 2), "f"), numpy.array(lengths, "i"))

    def loss(guesses, Y):
        return Ragged(guesses.data / len(Y), guesses.lengths), 1.0

    model = with_array(sigmoid_activation())
    seen = []
    model.layers[0].replace_callbacks(lambda m, X, is_train: (X, lambda dY: (seen.append(dY[0, 0]), dY)[1]))
    value = accumulate_gradients(model, [(batch(1, 2), "ab"), (batch(3), "a")], loss)
    assert seen == pytest.approx([1 / 3, 1 / 3]) and value == pytest.approx(1.0)


def test_nothing_changes_before_the_update():
    X, Y = numpy.ones((3, 2), "f"), numpy.ones((3, 1), "f")
    model = Linear(1, 2).initialize()
    before = model.to_bytes()
    assert accumulate_gradients(model, [], L2Distance()) == 0
    accumulate_gradients(model, [(X, Y)], L2Distance())
    assert model.to_bytes() == before
    model.finish_update(SGD(0.1))
    assert model.to_bytes() != before
