"""Models as the documentation builds them: both type checkers accept every line."""

from collections.abc import Callable

import numpy

from thinc.api import (
    Adam,
    CategoricalCrossentropy,
    HashEmbed,
    Linear,
    Maxout,
    Model,
    Relu,
    Softmax,
    add,
    chain,
    clone,
    concatenate,
    list2ragged,
    reduce_max,
    reduce_mean,
    residual,
    strings2arrays,
    with_array,
)
from thinc.types import Floats1d, Floats2d, Ints2d, Ragged

mlp: Model[Floats2d, Floats2d] = chain(Relu(128, 784), Relu(128), Softmax(10))
deep: Model[Floats2d, Floats2d] = chain(clone(residual(Maxout(96, 96)), 4), Linear(3))
both: Model[Ragged, Floats2d] = concatenate(reduce_max(), reduce_mean())
total: Model[Floats2d, Floats2d] = add(Linear(3, 2), Linear(3, 2))
tagger = chain(strings2arrays(), list2ragged(), with_array(HashEmbed(32, 100)), reduce_mean(), Softmax(3))

with Model.define_operators({">>": chain, "|": concatenate}):
    joined: Model[Floats2d, Floats2d] = Relu(8) >> Softmax(2)
    mean: Model[Ragged, Floats2d] = reduce_mean() >> Relu(8) >> Softmax(2)
    wide: Model[Ragged, Floats2d] = reduce_max() | reduce_mean()
with Model.define_operators({">>": clone}):
    tall: Model[Floats2d, Floats2d] = Relu(8, 8) >> 3


def Gain(nI: int | None = None) -> Model[Floats2d, Floats2d]:
    return Model("gain", forward, dims={"nI": nI}, params={"g": None})


def forward(model: Model, X: Floats2d, is_train: bool) -> tuple[Floats2d, Callable[[Floats2d], Floats2d]]:
    g: Floats1d = model.get_param("g")

    def backprop(dY: Floats2d) -> Floats2d:
        model.inc_grad("g", (dY * X).sum(axis=0))
        return dY * g

    return X * g, backprop


def train(model: Model[Floats2d, Floats2d], X: Floats2d, Y: Floats2d) -> float:
    optimizer, loss_of = Adam(0.001), CategoricalCrossentropy()
    model.initialize(X=X, Y=Y)
    for x, y in model.ops.multibatch(32, X, Y, shuffle=True):
        guesses, backprop = model.begin_update(x)
        backprop(loss_of.get_grad(guesses, y))
        model.finish_update(optimizer)
    return float((model.predict(X).argmax(axis=1) == Y.argmax(axis=1)).mean())


def use(model: Model[Floats2d, Floats2d]) -> Floats2d:
    array = numpy.zeros((2, 3), dtype="float32")
    weights: Floats2d = model.ops.alloc2f(3, 4)
    hidden = model.ops.relu(model.ops.gemm(array, weights))
    ids: Ints2d = model.ops.asarray2i([[1, 2], [3, 4]])
    rows: Floats2d = model.ops.gather_add(weights, ids)
    return model.predict(hidden + rows)
