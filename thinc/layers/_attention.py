"""Weigh the rows of each sequence by their similarity to a learnt vector."""

from ..types import Ragged


def attend(model, Xr: Ragged, K):
    """Y = X ⊙ a, a = softmax over each sequence of K Q.

    X, K: (rows, nO).  Returns Y and a function dY -> (dX without the share of K, dK).
    """
    ops, X = model.ops, Xr.data
    Q = model.get_param("Q").reshape((-1, 1))
    lengths = ops.asarray1i(Xr.lengths)
    if not X.size:
        return X, lambda dY: (X, K)
    a = ops.softmax_sequences(ops.gemm(K, Q), lengths)

    def backprop(dY):
        da = (X * dY).sum(axis=1, keepdims=True)
        ds = ops.backprop_softmax_sequences(da, a, lengths)
        model.inc_grad("Q", ops.gemm(K, ds, trans1=True).ravel())
        return dY * a, ops.gemm(ds, Q, trans2=True)

    return X * a, backprop


def set_query(model, width):
    """Q: (nO,), uniform in [−0.1, 0.1), from the global random numbers."""
    if width is not None:
        model.set_dim("nO", width)
    Q = model.ops.xp.random.uniform(-0.1, 0.1, (model.get_dim("nO"),))
    model.set_param("Q", Q.astype("f"))


def like(Xr: Ragged, data) -> Ragged:
    """A Ragged in the shape of Xr."""
    return Ragged(data.reshape(Xr.dataXd.shape), Xr.lengths)
