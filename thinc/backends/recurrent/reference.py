"""The LSTM over ragged batches, forward and back through time, in plain array operations.

Axes: N rows packed by time (first `size_at_t[0]` rows: step 0 of every sequence, longest first),
nL levels, nD directions, nH cells per direction. Gates stand in the order forget, input,
output, candidate.
"""

from functools import lru_cache
from itertools import accumulate
from math import prod
from typing import Any

from ...errors import ShapeError
from ...types import Floats1d, Floats2d, Floats3d, Ints1d
from .._known import as_ints
from ..linear.reference import Linear

GATES = 4


class Recurrent(Linear):
    """The LSTM of Hochreiter & Schmidhuber 1997 with forget gates (Gers et al. 2000)."""

    def lstm_forward_training(
        self, params: Floats1d, H0: Floats3d, C0: Floats3d, X: Floats2d, size_at_t: Ints1d
    ) -> tuple[Floats2d, tuple[Any, ...]]:
        """c_t = f·c_{t-1} + i·g,  h_t = o·tanh(c_t), level by level and in each direction.

        params: flat; for each level and direction Wx (4, nH, nIn), bx (4, nH), Wh (4, nH, nH),
        bh (4, nH).  H0, C0: (nL, nD, nH).  X: (N, nI).  size_at_t: (time,), non-increasing.
        Returns Y: (N, nD·nH) with columns [forward | backward], and the state for the backprop:
        H (nL, nD, N, nH), gates (nL, nD, N, 4·nH), cells (nL, nD, N, nH), X, H0, C0, size_at_t.
        """
        X, params, H0, C0 = _same_dtype(self, X, params, H0, C0)
        sizes = _check_sizes(X, H0, C0, size_at_t)
        nL, nD, nH = H0.shape
        axes = (nL, nD, X.shape[0])
        H, G, C = (self.xp.empty((*axes, n * nH), dtype=X.dtype) for n in (1, GATES, 1))
        weights = _split_params(params, X.shape[1], H0.shape)
        Y = X
        for level in range(nL):
            for way in range(nD):
                first = (H0[level, way], C0[level, way])
                into = (H[level, way], G[level, way], C[level, way])
                self._lstm_walk(weights[level][way], first, Y, _steps(sizes, way), into)
            Y = _side_by_side(self.xp, H[level])
        return Y, (H, G, C, X, H0, C0, tuple(sizes))

    def lstm_forward_inference(
        self, params: Floats1d, H0: Floats3d, C0: Floats3d, X: Floats2d, size_at_t: Ints1d
    ) -> Floats2d:
        """Y of `lstm_forward_training`, without the state."""
        return self.lstm_forward_training(params, H0, C0, X, size_at_t)[0]

    def backprop_lstm(
        self, dY: Floats2d, lengths: Ints1d, params: Floats1d, fwd_state: tuple[Any, ...]
    ) -> tuple[Floats2d, Floats1d]:
        """Backpropagation through time: (dX (N, nI), d_params), from dY (N, nD·nH).

        lengths: the size_at_t of the forward call.  Both biases of a gate get its gradient.
        """
        H, G, C, X, H0, C0, sizes = fwd_state
        rows = sum(as_ints(lengths))
        if dY.shape[0] != X.shape[0] or rows != X.shape[0]:
            raise ShapeError(
                f"backprop_lstm: dY has {dY.shape[0]} rows and the lengths sum up to "
                f"{rows}, but the forward pass had {X.shape[0]} rows. "
                "Pass the gradient of that batch."
            )
        dY, params = self.asarray(dY, dtype=X.dtype), self.asarray(params, dtype=X.dtype)
        nL, nD, nH = H0.shape
        d_params = self.alloc(params.shape, dtype=X.dtype)
        weights = _split_params(params, X.shape[1], H0.shape)
        d_weights = _split_params(d_params, X.shape[1], H0.shape)
        for level in reversed(range(nL)):
            below = X if level == 0 else _side_by_side(self.xp, H[level - 1])
            d_below = self.alloc(below.shape, dtype=X.dtype)
            for way in range(nD):
                steps = _steps(sizes, way)
                first = (H0[level, way], C0[level, way])
                dH = dY[:, way * nH : (way + 1) * nH]
                kept = (H[level, way], G[level, way], C[level, way])
                dA, H_prev = self._lstm_walk_back(weights[level][way], first, dH, kept, steps)
                _add_weights(self, d_weights[level][way], dA, below, H_prev)
                d_below += self.gemm(dA, weights[level][way][0])
            dY = d_below
        return dY, d_params

    def _lstm_walk(self, weights, first, X, steps, into):
        """One level in one direction; writes hidden states, gates and cells into `into`."""
        Wx, bx, Wh, bh = weights
        H, G, C = into
        G[...] = self.gemm(X, Wx, trans2=True)
        G += bx + bh
        # Sequence b is row b of every step it reaches. Whatever the direction, a row that no step
        # has touched yet still holds the initial state, which is what a joining sequence needs.
        h, c = (self.xp.tile(start, (_sequences(steps), 1)) for start in first)
        for start, end in steps:
            n = end - start
            R, rows = self.gemm(h[:n], Wh, trans2=True), slice(start, end)
            self._lstm_cell(R, c[:n], h[:n], G[rows], C[rows], H[rows])
        return into

    def _lstm_walk_back(self, weights, first, dH, kept, steps):
        """dA (N, 4·nH), the gradient of what goes into the gates, and the hidden states one step earlier."""
        Wh, (H, G, C) = weights[2], kept
        C_prev, H_prev = _previous(self.xp, C, first[1], steps), _previous(self.xp, H, first[0], steps)
        return _walk_back(self, Wh, dH, G, C, C_prev, steps), H_prev

    def _lstm_cell(self, R, c, h, G, C, H) -> None:
        """One step: c and h (n, nH) become those after it; C and H keep them.

        G: (n, 4·nH), what goes into the gates from below; becomes the gates.  R: the same from the step before.
        """
        nH = c.shape[1]
        G += R
        G[:, : 3 * nH] = self.sigmoid(G[:, : 3 * nH])
        G[:, 3 * nH :] = self.xp.tanh(G[:, 3 * nH :])
        c[...] = G[:, :nH] * c + G[:, nH : 2 * nH] * G[:, 3 * nH :]
        h[...] = G[:, 2 * nH : 3 * nH] * self.xp.tanh(c)
        C[...], H[...] = c, h

    def _backprop_lstm_cell(self, dH, dh, dc, G, C, C_prev, dA) -> None:
        """One step back: writes dA (n, 4·nH), and into dc what goes to the step before.

        dH, dh: (n, nH), the gradients of the hidden states from above and from the step after.
        """
        nH = dc.shape[1]
        f, i, o, g = (G[:, k * nH : (k + 1) * nH] for k in range(GATES))
        t = self.xp.tanh(C)
        d_hidden = dH + dh
        d_cell = dc + d_hidden * o * (1 - t * t)
        dA[:, :nH] = d_cell * C_prev * f * (1 - f)
        dA[:, nH : 2 * nH] = d_cell * g * i * (1 - i)
        dA[:, 2 * nH : 3 * nH] = d_hidden * t * o * (1 - o)
        dA[:, 3 * nH :] = d_cell * i * (1 - g * g)
        dc[...] = d_cell * f


def _same_dtype(ops, X, *others):
    """X with a float dtype, and the others with the dtype of X."""
    if X.dtype.kind != "f":
        X = ops.asarray(X, dtype="float32")
    return (X, *(ops.asarray(other, dtype=X.dtype) for other in others))


def _check_sizes(X, H0, C0, size_at_t):
    """The batch size of each step as a list of int."""
    sizes = as_ints(size_at_t)
    if H0.shape != C0.shape or H0.ndim != 3:
        raise ShapeError(
            f"lstm: H0 has the shape {H0.shape} and C0 {C0.shape}. Both have to be (depth, directions, width)."
        )
    if X.ndim != 2 or sum(sizes) != X.shape[0] or sizes != sorted(sizes, reverse=True):
        raise ShapeError(
            f"lstm: X has the shape {X.shape}, the steps have {sizes} rows. Pack X by time: "
            "the sizes must not increase, and they sum up to the rows of X."
        )
    return sizes


def _split_params(params, nI, shape):
    """Views (Wx, bx, Wh, bh) into the flat vector: a list per level of a list per direction."""
    nL, nD, nH = shape
    pieces, expected = _layout(nI, nL, nD, nH)
    if params.shape != (expected,):
        raise ShapeError(
            f"lstm: params has the shape {params.shape}, but depth {nL}, {nD} direction(s), "
            f"{nI} inputs and {nH} cells need ({expected},)."
        )
    views = [params[start:end].reshape(piece) for start, end, piece in pieces]
    return [[views[4 * (level * nD + way) :][:4] for way in range(nD)] for level in range(nL)]


@lru_cache(maxsize=64)
def _layout(nI, nL, nD, nH):
    """(start, end, shape) of each array in the flat vector, and the size of all."""
    rows, start, pieces = GATES * nH, 0, []
    for width in [nI] + [nD * nH] * (nL - 1):
        for piece in ((rows, width), (rows,), (rows, nH), (rows,)) * nD:
            pieces.append((start, start + prod(piece), piece))
            start += prod(piece)
    return tuple(pieces), start


def _steps(sizes, way):
    """The rows (start, end) of each time step, in the order in which this direction walks."""
    ends = list(accumulate(sizes))
    steps = [(end - size, end) for size, end in zip(sizes, ends) if size]
    return steps[::-1] if way else steps


def _side_by_side(xp, H):
    """(nD, N, nH) -> (N, nD·nH), in new memory."""
    return H[0].copy() if len(H) == 1 else xp.concatenate(list(H), axis=1)


def _sequences(steps):
    """The number of sequences: the rows of the largest step."""
    return max((end - start for start, end in steps), default=0)


def _walk_back(ops, Wh, dH, G, C, C_prev, steps):
    """dA (N, 4·nH): the gradient of what goes into the gates."""
    nH = Wh.shape[1]
    dA = ops.alloc(G.shape, dtype=G.dtype)
    dh = ops.alloc((_sequences(steps), nH), dtype=G.dtype)
    dc = ops.alloc((_sequences(steps), nH), dtype=G.dtype)
    for start, end in reversed(steps):
        n, rows = end - start, slice(start, end)
        ops._backprop_lstm_cell(dH[rows], dh[:n], dc[:n], G[rows], C[rows], C_prev[rows], dA[rows])
        dh[:n] = ops.gemm(dA[rows], Wh)
    return dA


def _previous(xp, values, first, steps):
    """For each row the value of its sequence one step earlier in this direction."""
    last = xp.tile(first, (_sequences(steps), 1))
    previous = xp.empty_like(values)
    for start, end in steps:
        previous[start:end] = last[: end - start]
        last[: end - start] = values[start:end]
    return previous


def _add_weights(ops, d_weights, dA, X, H_prev):
    """Write the gradients of one level and direction into their views."""
    d_Wx, d_bx, d_Wh, d_bh = d_weights
    d_Wx[...] = ops.gemm(dA, X, trans1=True)
    d_Wh[...] = ops.gemm(dA, H_prev, trans1=True)
    d_bx[...] = d_bh[...] = dA.sum(axis=0)
