"""Mistakes of rank, dtype and container: both type checkers report exactly the marked lines."""

from thinc.api import Linear, Model, NumpyOps, Softmax, chain, list2ragged, reduce_sum, strings2arrays, with_array
from thinc.types import Floats1d, Floats2d, Floats3d, Ints1d, Ints2d, Padded, Ragged

ops = NumpyOps()


def mistakes(vector: Floats1d, matrix: Floats2d, cube: Floats3d, ids: Ints2d, lengths: Ints1d, batch: Ragged) -> None:
    linear: Model[Floats2d, Floats2d] = Linear(3, 2)
    linear.predict(cube)  # refused: rank
    linear.predict(ids)  # refused: dtype
    linear.predict([matrix])  # refused: container
    linear.begin_update(batch)  # refused: container
    linear(vector, is_train=True)  # refused: rank
    ops.gemm(matrix, cube)  # refused: rank
    ops.affine(matrix, matrix, matrix)  # refused: rank
    ops.maxout(matrix)  # refused: rank
    ops.hash(vector, 1)  # refused: dtype
    ops.gather_add(matrix, lengths)  # refused: rank
    ops.reduce_sum(matrix, ids)  # refused: rank
    total: Ints2d = ops.alloc2f(1, 2)  # refused: dtype
    cut: Floats3d = linear.predict(matrix)  # refused: rank
    pooled: Model[Padded, Floats2d] = reduce_sum()  # refused: container
    print(total, cut, pooled)


def wrong_order() -> None:
    chain(Linear(3, 2), reduce_sum())  # refused: the pooling wants Ragged
    chain(reduce_sum(), Softmax(3), list2ragged())  # refused: there is no list
    chain(with_array(Linear(3)), reduce_sum(), reduce_sum())  # refused: pooled twice
    chain(strings2arrays(), Linear(3))  # refused: a list for an array
    chain(Linear(3), Linear(3), Linear(3), Linear(3), reduce_sum())  # refused: in the fifth place
