"""Encoders predict in few operations what their layers give one after the other."""

import numpy
import pytest

from thinc.api import (
    Dropout,
    HashEmbed,
    LayerNorm,
    Linear,
    Maxout,
    Model,
    NumpyOps,
    Ragged,
    chain,
    concatenate,
    expand_window,
    residual,
    with_array,
)  # fmt: skip
from thinc.errors import ShapeError
from thinc.layers._predict import embed, encode

WIDTH = 6


def numbers(*shape, seed=0):
    return numpy.random.default_rng(seed).normal(size=shape).astype("float32")


def words(n, columns=3):
    return numpy.random.default_rng(0).integers(0, 2**62, (n, columns)).astype("uint64")


def ready(model, X):
    """With no parameter left at zero or one."""
    model.initialize(X=X)
    for node in model.walk():
        for name in node.param_names:
            node.set_param(name, numbers(*node.get_param(name).shape, seed=node.id % 1000))
    return model


def maxout(window, **options):
    return Maxout(WIDTH, WIDTH * (2 * window + 1), **options)


BLOCKS = {
    "normalized": lambda: chain(expand_window(1), maxout(1, normalize=True)),
    "with dropout": lambda: chain(expand_window(1), maxout(1, normalize=True, dropout=0.9)),
    "apart": lambda: chain(expand_window(2), maxout(2, nP=1), Dropout(0.5), LayerNorm(WIDTH, eps=0.1)),
    "alone": lambda: chain(expand_window(0), maxout(0, nP=2, normalize=True)),
}
EMBEDS = {
    "plain": lambda: [HashEmbed(4, 10, column=0), HashEmbed(5, 7, column=2)],
    "with dropout": lambda: [HashEmbed(4, 10, column=i, dropout=0.9) for i in range(3)],
}


def same(fused, model, X):
    """The operation was used, and its result is what training without dropout gives, to the last bit."""
    for node in model.walk():
        if node.has_attr("dropout_rate"):
            node.set_attr("dropout_rate", 0.0)
    assert fused is not None
    numpy.testing.assert_array_equal(fused, model(X, is_train=True)[0])
    numpy.testing.assert_array_equal(model.predict(X), fused)


@pytest.mark.parametrize("n", [1, 2, 12, 13, 100, 230])
@pytest.mark.parametrize("block", BLOCKS)
def test_an_encoder_predicts_what_its_layers_give(block, n):
    X = numbers(n, WIDTH)
    model = ready(residual(BLOCKS[block]()), X)
    before = X.copy()

    same(encode(model.layers[0], X), model, X)
    numpy.testing.assert_array_equal(X, before)


@pytest.mark.parametrize("n", [1, 300])
@pytest.mark.parametrize("embeds", EMBEDS)
def test_embeddings_side_by_side_predict_what_they_give(embeds, n):
    X = words(n)
    model = ready(concatenate(*EMBEDS[embeds]()), X)

    same(embed(model.layers, X), model, X)


@pytest.mark.parametrize(
    "make, X, dY",
    [
        (lambda: residual(BLOCKS["normalized"]()), numbers(20, WIDTH), numbers(20, WIDTH, seed=1)),
        (lambda: concatenate(*EMBEDS["plain"]()), words(20), numbers(20, 9, seed=1)),
    ],
)
def test_the_callback_of_a_prediction_gives_the_gradients(make, X, dY):
    model = ready(make(), X)
    found = {}
    for is_train in (False, True):
        dX = model(X, is_train=is_train)[1](dY)
        found[is_train] = [dX, *(node.get_grad(name) for node in model.walk() for name in node.grad_names)]
        for node in model.walk():
            for name in node.grad_names:
                node.set_grad(name, node.get_grad(name) * 0)

    assert len(found[True]) > 2
    for one, two in zip(found[False], found[True], strict=True):
        numpy.testing.assert_array_equal(one, two)


def test_a_wrapped_layer_is_still_called():
    calls = []
    X = numbers(5, WIDTH)
    model = ready(residual(BLOCKS["normalized"]()), X)
    wanted = model.predict(X)
    norm = next(node for node in model.walk() if node.name == "layernorm")
    original = norm._func
    norm.replace_callbacks(lambda node, X, is_train: calls.append(node.name) or original(node, X, is_train))

    numpy.testing.assert_array_equal(model.predict(X), wanted)
    assert calls == ["layernorm"]


def test_a_replaced_operation_is_still_used():
    class Doubled(NumpyOps):
        def layernorm(self, X, G, b, epsilon=1e-8):
            Y, mu, s = super().layernorm(X, G, b, epsilon)
            return 2 * Y, mu, s

    X = numbers(5, WIDTH)
    model = ready(residual(BLOCKS["normalized"]()), X)
    once = model.predict(X) - X
    for node in model.walk():
        node.ops = Doubled()

    numpy.testing.assert_allclose(model.predict(X) - X, 2 * once, rtol=1e-4, atol=1e-5)


class Own(Model):
    """Somebody's subclass, whose call may do more."""


def subclassed(block):
    return Own(block.name, block._func, init=block.init, layers=block.layers)


@pytest.mark.parametrize(
    "block, X",
    [
        (lambda: chain(expand_window(1), Linear(WIDTH, 3 * WIDTH), LayerNorm(WIDTH)), numbers(4, WIDTH)),
        (lambda: chain(expand_window(1), maxout(1)), numbers(4, WIDTH)),
        (
            lambda: chain(expand_window(1), with_array(maxout(1, normalize=True))),
            Ragged(numbers(4, WIDTH), numpy.array([3, 1], "i")),
        ),
        (BLOCKS["normalized"], numbers(0, WIDTH)),
        (lambda: subclassed(BLOCKS["normalized"]()), numbers(4, WIDTH)),
    ],
    ids=["another layer", "no norm", "a Ragged", "no rows", "a subclass"],
)
def test_other_blocks_run_layer_by_layer(block, X):
    model = ready(residual(block()), numbers(4, WIDTH))

    assert encode(model.layers[0], X) is None
    assert type(model.predict(X)) is type(X)


@pytest.mark.parametrize("X", [words(4)[:, :1], Ragged(words(4), numpy.array([4], "i"))], ids=["too few", "a Ragged"])
def test_embeddings_of_other_batches_are_left_to_the_layers(X):
    assert embed(ready(concatenate(*EMBEDS["plain"]()), words(4)).layers, X) is None


def test_errors_name_the_layer_within():
    model = ready(residual(BLOCKS["normalized"]()), numbers(4, WIDTH))

    with pytest.raises(ShapeError, match="> maxout"):
        model.predict(numbers(4, WIDTH + 1))


def test_a_whole_encoder_of_words_predicts_what_it_gives_in_training():
    blocks = [residual(BLOCKS["normalized"]()) for _ in range(3)]
    first = chain(concatenate(*EMBEDS["plain"]()), Maxout(WIDTH, 9, normalize=True))
    model = chain(with_array(first), with_array(chain(*blocks), pad=3))
    X = [words(n) for n in (7, 1, 30)]
    ready(model, X)

    for one, two in zip(model.predict(X), model(X, is_train=True)[0], strict=True):
        numpy.testing.assert_array_equal(one, two)
