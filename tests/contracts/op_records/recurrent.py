"""Records of the LSTM over packed sequences."""

import numpy

from thinc.errors import ShapeError

from ..op import Grad, Op

LENGTHS = (4, 2, 2, 1)
SIZES = numpy.array([sum(n > t for n in LENGTHS) for t in range(4)], "int32")
nI, nH = 3, 2


def sigma(X):
    return 1 / (1 + numpy.exp(-X))


def arguments(nL, nD):
    def args(rng):
        widths = [nI] + [nD * nH] * (nL - 1)
        size = sum(nD * 4 * nH * (w + nH + 2) for w in widths)
        H0, C0 = rng.normal(size=(2, nL, nD, nH))
        return rng.normal(size=size) * 0.5, H0, C0, rng.normal(size=(int(SIZES.sum()), nI)), SIZES

    return args


def lstm_oracle(params, H0, C0, X, size_at_t):
    """One sequence after the other, step by step."""
    nL, nD, _ = H0.shape
    starts = numpy.cumsum([0, *size_at_t[:-1]])
    take, Y = 0, X
    for level in range(nL):
        columns = []
        for way in range(nD):
            pieces = []
            for shape in ((4, nH, Y.shape[1]), (4, nH), (4, nH, nH), (4, nH)):
                size = int(numpy.prod(shape))
                pieces.append(params[take : take + size].reshape(shape))
                take += size
            columns.append(one_way(pieces, H0[level, way], C0[level, way], Y, starts, way))
        Y = numpy.concatenate(columns, axis=1)
    return Y


def one_way(pieces, h0, c0, X, starts, way):
    Wx, bx, Wh, bh = pieces
    Y = numpy.zeros((len(X), nH))
    for b, length in enumerate(LENGTHS):
        rows = [int(starts[t]) + b for t in range(length)]
        h, c = h0, c0
        for row in reversed(rows) if way else rows:
            f, i, o, g = (Wx[k] @ X[row] + bx[k] + Wh[k] @ h + bh[k] for k in range(4))
            c = sigma(f) * c + sigma(i) * numpy.tanh(g)
            h = sigma(o) * numpy.tanh(c)
            Y[row] = h
    return Y


def mistakes():
    params, H0, C0, X, sizes = (
        a.astype("f") if a.dtype.kind == "f" else a for a in arguments(1, 1)(numpy.random.default_rng(0))
    )
    return (
        ((params[1:], H0, C0, X, sizes), ShapeError, "lstm: params has the shape"),
        ((params, H0, C0, X[1:], sizes), ShapeError, "lstm: X has the shape"),
        ((params, H0, C0, X, sizes[::-1]), ShapeError, "lstm: X has the shape"),
        ((params, H0[..., :1], C0, X, sizes), ShapeError, "lstm: H0 has the shape"),
    )  # fmt: skip


def first(args, returned):
    return returned[0] if isinstance(returned, tuple) else returned


def lstms(nL, nD):
    note = f"{nL}-{nD}"
    more = {"note": note, "factor": 32, "bad": mistakes() if note == "1-1" else ()}
    # The second result is the backend's own; whether it is right shows in the gradient.
    with_state = Op("lstm_forward_training", arguments(nL, nD), lambda *args: (lstm_oracle(*args), None))
    return (
        Op("lstm_forward_training", arguments(nL, nD), lstm_oracle, finish=first, **more),
        Op("lstm_forward_inference", arguments(nL, nD), lstm_oracle, **more),
        Grad(
            "backprop_lstm",
            of=with_state,
            wrt=(3, 0),
            order=lambda dY, args, Y: (dY, args[4], args[0], Y[1]),
            note=note,
            factor=64,
        ),
    )


RECORDS = [record for shape in ((1, 1), (1, 2), (2, 1), (2, 2)) for record in lstms(*shape)]
