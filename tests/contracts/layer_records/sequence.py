"""Records of the layers over sequences."""

import numpy

from thinc import api
from thinc.errors import ContainerError, ShapeError
from thinc.types import Padded, Ragged

from ..layer import Layer, rows
from ..op_records.recurrent import lstm_oracle
from ..op_records.sequence import list2padded_oracle, windows_oracle
from .dense import affine, softmax

LENGTHS = numpy.array([3, 1, 4], "int32")


def ragged(rng):
    return Ragged(rng.normal(size=(8, 4)), LENGTHS)


def no_sequences(rng):
    return Ragged(numpy.zeros((0, 4)), LENGTHS[:0])


def padded(rng):
    # The lengths that the oracle of the LSTM knows.
    return list2padded_oracle([rng.normal(size=(n, 3)) for n in (4, 2, 2, 1)])


def no_steps(rng):
    none = numpy.zeros(0, "int32")
    return Padded(numpy.zeros((0, 0, 3)), none, none, none)


def parts(Xr):
    return numpy.split(Xr.data, numpy.cumsum(Xr.lengths)[:-1])


def pooled(reduce):
    return lambda model, X: numpy.stack([reduce(part) for part in parts(X)])


def pool(name, reduce):
    bad = () if name in ("reduce_sum", "reduce_mean") else (
        (Ragged(numpy.zeros((2, 3), "f"), numpy.array([2, 0], "i")), ShapeError, f"{name}: all sequence lengths must be > 0"),
    )  # fmt: skip
    return Layer(name, getattr(api, name), ragged, pooled(reduce), (f"{name}.v1",), empty=no_sequences, bad=bad)


def attended(key):
    def oracle(model, X):
        scores = key(model, X.data) @ model.get_param("Q")
        weights = [softmax(part, 0) for part in numpy.split(scores, numpy.cumsum(X.lengths)[:-1])]
        return Ragged(X.data * numpy.concatenate(weights)[:, None], X.lengths)

    return oracle


def lstm(model, X):
    running = numpy.arange(X.data.shape[1]) < X.size_at_t[:, None]
    H0, C0 = model.get_param("HC0")
    Y = lstm_oracle(model.get_param("LSTM"), H0, C0, X.data[running], X.size_at_t)
    data = numpy.zeros((*running.shape, Y.shape[1]))
    data[running] = Y
    return Padded(data, X.size_at_t, X.lengths, X.indices)


def both_ways(model, X):
    """The second layer reads each sequence back to front; its output is turned again."""
    left, right = (list(lstm(layer, batch).data.swapaxes(0, 1)) for layer, batch in zip(model.layers, (X, turned(X))))
    back = turned(Padded(numpy.stack(right).swapaxes(0, 1), X.size_at_t, X.lengths, X.indices))
    data = numpy.concatenate([numpy.stack(left).swapaxes(0, 1), back.data], axis=-1)
    return Padded(data, X.size_at_t, X.lengths, X.indices)


def turned(X):
    data = X.data.copy()
    for i, n in enumerate(X.lengths):
        data[:n, i] = data[:n, i][::-1]
    return Padded(data, X.size_at_t, X.lengths, X.indices)


def windows(model, X):
    nW = model.attrs["window_size"]
    return Ragged(windows_oracle(X.data, nW, X.lengths), X.lengths) if isinstance(X, Ragged) else windows_oracle(X, nW)


WRONG = ((numpy.zeros((2, 4), "f"), ContainerError, r"float32\[2, 4\].*Ragged"),)
LSTMS = [
    Layer(
        "LSTM",
        lambda options=options: api.LSTM(2 * options.get("dirs", 1), 3, depth=options["depth"], bi="dirs" in options),
        padded,
        lstm,
        ("LSTM.v1",) if not i else (),
        ignore=("HC0",),
        empty=no_steps,
        factor=64,
        note="-".join(f"{k}{v}" for k, v in options.items()),
    )
    for i, options in enumerate(({"depth": 1}, {"depth": 2}, {"depth": 1, "dirs": 2}, {"depth": 2, "dirs": 2}))
]
RECORDS = [
    *LSTMS,
    Layer("bidirectional", lambda: api.bidirectional(api.LSTM(2, 3)), padded, both_ways, ("bidirectional.v1",), empty=no_steps, ignore=("HC0",), factor=64),
    Layer("expand_window", api.expand_window, rows(5, 4), windows, ("expand_window.v1",), empty=lambda rng: numpy.zeros((0, 4))),
    Layer("expand_window", lambda: api.expand_window(2), ragged, windows, empty=no_sequences, note="ragged"),
    Layer("ParametricAttention", api.ParametricAttention, ragged, attended(lambda m, X: X), ("ParametricAttention.v1",), empty=no_sequences),
    Layer("ParametricAttention_v2", api.ParametricAttention_v2, ragged, attended(lambda m, X: X), ("ParametricAttention.v2",), empty=no_sequences),
    Layer("ParametricAttention_v2", lambda: api.ParametricAttention_v2(key_transform=api.Linear()), ragged,
          attended(lambda m, X: affine(m.get_ref("key_transform"), X)), empty=no_sequences, note="keys"),
    pool("reduce_sum", lambda x: x.sum(axis=0)),
    pool("reduce_mean", lambda x: x.mean(axis=0)),
    pool("reduce_max", lambda x: x.max(axis=0)),
    pool("reduce_first", lambda x: x[0]),
    pool("reduce_last", lambda x: x[-1]),
]  # fmt: skip
