"""Layers whose output has the type of their input fit between any others; containers come and go."""

import numpy

from thinc.api import (
    LSTM,
    CauchySimilarity,
    ClippedLinear,
    Dropout,
    Embed,
    Gelu,
    LayerNorm,
    Linear,
    Maxout,
    Mish,
    Model,
    Ops,
    Relu,
    Swish,
    array_getitem,
    bidirectional,
    chain,
    expand_window,
    list2array,
    list2padded,
    list2ragged,
    padded2list,
    ragged2list,
    reduce_sum,
    remap_ids,
    residual,
    siamese,
    sigmoid_activation,
    softmax_activation,
    with_array,
    with_list,
    with_padded,
    with_ragged,
    with_reshape,
)
from thinc.types import Floats2d, FloatsXd, Ints2d, Padded, Ragged
from thinc.util import is_xp_array

between: Model[Floats2d, Floats2d] = chain(Linear(3), softmax_activation(), Linear(2))
scores: Model[Floats2d, Floats2d] = chain(Linear(3), sigmoid_activation())
window: Model[Floats2d, Floats2d] = chain(expand_window(1), residual(chain(Maxout(3), Dropout(0.1), LayerNorm())))
joined = chain(list2array(), Linear(3))
column = chain(array_getitem((slice(0, None), 0)), Embed(3))
table = chain(remap_ids({"a": 1}), Embed(3, column=0))
cube = chain(with_reshape(Linear(3)), with_array(Relu(3)))
activations = chain(Mish(4), Swish(3), Gelu(3), ClippedLinear(3))

encoder: Model[list[Floats2d], list[Floats2d]] = chain(list2padded(), bidirectional(LSTM(3)), padded2list())
back: Model[Ragged, Padded] = chain(ragged2list(), list2padded())
again: Model[Ragged, Floats2d] = chain(ragged2list(), list2ragged(), reduce_sum())
views = chain(with_padded(LSTM(3)), with_list(encoder), with_ragged(reduce_sum()))
pair = siamese(Linear(3), CauchySimilarity(3))


def of_any_rank(ops: Ops, X: FloatsXd, matrix: Floats2d) -> FloatsXd:
    kept: Floats2d = ops.relu(matrix)
    return ops.softmax(ops.relu(X)).reshape((-1, *kept.shape))


def narrow(X: object) -> int:
    return X.ndim if is_xp_array(X) else 0


def cut(ops: Ops, X: Floats2d, Y: Ints2d) -> None:
    for x, y in ops.multibatch(numpy.random.randint(1, 9, 100), X, Y, shuffle=True, buffer=3):
        assert len(x) == len(y)
