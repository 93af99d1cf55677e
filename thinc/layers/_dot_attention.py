"""Mix the rows of a memory by how well their keys fit a query."""

from collections.abc import Callable
from typing import Any

from ..types import Floats4d

FAR = -1e30  # below every score: exp of it is 0, and unlike −∞ it has differences


def attend(
    ops: Any, Q: Floats4d, K: Floats4d, V: Floats4d, is_seen: Any, drop: float = 0.0, bias: Any = None
) -> tuple[Floats4d, Callable]:
    """Y = A V, A = softmax(Q Kᵀ / √nD + bias) over what is seen; where nothing is seen Y is 0.

    Q, Y: (batch, heads, nT, nD).  K, V: (batch, heads, nS, nD).
    is_seen, bias: (batch, heads, nT, nS), each axis but the last may be 1.
    drop: probability with which a weight in A is left out.  The callback gives (dQ, dK, dV).
    Vaswani et al. 2017, arXiv:1706.03762, eq. 1.
    """
    xp, scale = ops.xp, Q.shape[-1] ** -0.5
    S = xp.matmul(Q, K.swapaxes(-1, -2))
    S *= scale
    if bias is not None:
        S += bias
    A = ops.softmax(xp.where(is_seen, S, S.dtype.type(FAR)))
    A *= is_seen  # rows that see nothing would be uniform
    mask = ops.get_dropout_mask(A.shape, drop).astype(A.dtype, copy=False) if drop else None
    mix = A if mask is None else A * mask

    def backprop(dY: Floats4d) -> tuple[Floats4d, Floats4d, Floats4d]:
        dA = xp.matmul(dY, V.swapaxes(-1, -2))
        if mask is not None:
            dA *= mask
        dS = ops.backprop_softmax(A, dA)
        dS *= scale
        return xp.matmul(dS, K), xp.matmul(dS.swapaxes(-1, -2), Q), xp.matmul(mix.swapaxes(-1, -2), dY)

    return xp.matmul(mix, V), backprop
