"""Layers that don't fit, and arguments that no layer takes."""

from thinc.api import (
    LSTM,
    CategoricalCrossentropy,
    L2Distance,
    Linear,
    Model,
    Ops,
    Relu,
    SequenceCategoricalCrossentropy,
    bidirectional,
    chain,
    clone,
    concatenate,
    list2padded,
    list2ragged,
    ragged2list,
    reduce_sum,
    residual,
    softmax_activation,
    with_list,
    with_padded,
    with_ragged,
)
from thinc.types import Floats1d, Floats2d, FloatsXd, Ints1d, Ints2d, Ragged


def combined() -> None:
    chain(list2ragged(), softmax_activation())  # refused: Ragged for an array
    chain(ragged2list(), Linear(3))  # refused: a list for an array
    chain(list2padded(), reduce_sum())  # refused: Padded for Ragged
    residual(list2ragged())  # refused: the output is no input
    bidirectional(Linear(3))  # refused: an array for Padded
    with_padded(Linear(3))  # refused: the layer gets Padded
    with_ragged(LSTM(3))  # refused: the layer gets Ragged
    with_list(reduce_sum())  # refused: the layer gets a list
    pooled: Model[Ragged, Floats1d] = reduce_sum()  # refused: rank
    print(pooled)


def operators() -> None:
    with Model.define_operators({">>": chain, "|": concatenate, "+": lambda a, b: 3}):  # refused: 3 is no layer
        ragged: Model[Ragged, Floats2d] = Relu(3) >> Linear(3)  # refused: an array for Ragged
        number: int = Linear(3) | Linear(3)  # refused: a layer is no number
        total: int = Linear(3) + 1  # refused: whatever is added to it
    print(ragged, number, total)


def arguments(ops: Ops, matrix: Floats2d, free: FloatsXd, ids: Ints2d, vector: Floats1d) -> None:
    Linear("3")  # refused: a size is a number
    Linear(n0=3)  # refused: no such name
    Relu(3, dropout="0.1")  # refused: a rate is a number
    clone(Linear(3), "3")  # refused: so is a count
    Linear(3).predict(free)  # refused: the rank is not known
    Linear(3).set_dim("nO", "3")  # refused: a size is a number
    Linear(3).finish_update(0.001)  # refused: no optimizer
    Model("gain", 3)  # refused: no forward function
    ops.softmax(ids)  # refused: dtype
    ops.minibatch("32", matrix)  # refused: sizes are numbers
    ops.asarray2f([[1.0]], dtype="float33")  # refused: no such dtype
    Ragged(matrix, vector)  # refused: lengths are integers
    Ragged([matrix], ids[0])  # refused: a list for an array


def losses(matrix: Floats2d, sequences: list[Floats2d], ids: Ints1d) -> None:
    CategoricalCrossentropy().get_grad(matrix, 3)  # refused: one number for all rows
    SequenceCategoricalCrossentropy().get_grad(matrix, [ids])  # refused: an array for sequences
    L2Distance()(matrix, sequences)  # refused: a list for an array
