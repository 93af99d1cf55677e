"""Records of packing, windows and reductions of ragged sequences."""

import numpy

from thinc.errors import ShapeError
from thinc.types import Padded

from ..op import Op, backprop_of
from .activation import distinct

LENGTHS = numpy.array([2, 0, 3], "int32")
FULL = numpy.array([2, 1, 3], "int32")
NONE = LENGTHS[:0]


def seqs(rng, *lengths, width=2):
    return [rng.normal(size=(n, width)) for n in lengths]


def parts(X, lengths):
    return numpy.split(X, numpy.cumsum(lengths)[:-1])


# -- packing --------------------------------------------------------------------------------


def flatten_oracle(X, dtype=None, pad=0, ndim_if_empty=2):
    if not len(X):
        return numpy.zeros((0,) * ndim_if_empty, "float32")
    blank = numpy.zeros((pad, *X[0].shape[1:]))
    full = [part for x in X if len(x) for part in (blank, x)]
    return numpy.concatenate([*full, blank])


def unflatten_oracle(X, lengths, pad=0):
    items, start = [], 0
    for n in lengths:
        start += pad if n else 0
        items.append(X[start : start + n])
        start += n
    return items


def pad_oracle(seqs, round_to=1):
    longest = -(-max(map(len, seqs)) // round_to) * round_to
    return numpy.stack([numpy.pad(x, ((0, longest - len(x)), (0, 0))) for x in seqs])


def list2padded_oracle(seqs):
    order = sorted(range(len(seqs)), key=lambda i: (-len(seqs[i]), -i))
    lengths = [len(seqs[i]) for i in order]
    data = pad_oracle([seqs[i] for i in order]).swapaxes(0, 1)
    steps = [sum(n > t for n in lengths) for t in range(len(data))]
    return Padded(data, *(numpy.array(x, "int32") for x in (steps, lengths, order)))


def padded_args(rng):
    return (list2padded_oracle(seqs(rng, 1, 3, 0, 3)),)


PACKING = [
    Op("flatten", lambda rng: (seqs(rng, 2, 0, 3),), flatten_oracle, empty=lambda rng: ([],)),
    Op("flatten", lambda rng: (seqs(rng, 2, 0, 3),), flatten_oracle, options={"pad": 2}, note="pad"),
    Op("unflatten", lambda rng: (rng.normal(size=(5, 2)), LENGTHS), unflatten_oracle, empty=lambda rng: (numpy.zeros((0, 2)), NONE)),
    Op("unflatten", lambda rng: (rng.normal(size=(8, 2)), LENGTHS), unflatten_oracle, options={"pad": 1}, note="pad"),
    Op(
        "pad",
        lambda rng: (seqs(rng, 1, 3),),
        pad_oracle,
        options={"round_to": 4},
        bad=(
            (([],), ShapeError, "pad: the list is empty"),
            (([numpy.zeros((1, 2)), numpy.zeros((1, 3))],), ShapeError, "pad: the sequences differ"),
        ),
    ),
    Op("unpad", lambda rng: (rng.normal(size=(2, 3, 2)), FULL[:2]), lambda X, lengths: [x[:n] for x, n in zip(X, lengths)]),
    Op("insert_into", lambda rng: ((3, 3, 2), seqs(rng, 1, 3, 2)), lambda shape, Xs: pad_oracle(Xs)),
    Op("list2padded", lambda rng: (seqs(rng, 1, 3, 3, 0),), list2padded_oracle),
    Op("list2padded", lambda rng: (seqs(rng, 3),), list2padded_oracle, note="one"),
    Op(
        "padded2list",
        padded_args,
        lambda P: [P.data[:n, i] for n, i in (  # in the original order
            (P.lengths[list(P.indices).index(k)], list(P.indices).index(k)) for k in range(len(P.indices)))],
    ),
]  # fmt: skip


# -- windows --------------------------------------------------------------------------------


def windows_oracle(X, nW, lengths=None):
    blocks = []
    for part in parts(X, [len(X)] if lengths is None else lengths):
        wide = numpy.pad(part, ((nW, nW), (0, 0)))
        blocks.append(numpy.hstack([wide[j : j + len(part)] for j in range(2 * nW + 1)]))
    return numpy.concatenate(blocks) if blocks else numpy.zeros((0, X.shape[1] * (2 * nW + 1)))


def windows(nW, lengths):
    note = f"{nW}" + ("" if lengths is None else "-lengths")
    options = {} if lengths is None else {"lengths": lengths}
    forward = Op(
        "seq2col",
        lambda rng: (rng.normal(size=(5, 2)), nW),
        lambda X, nW, lengths=None: windows_oracle(X, nW, lengths),
        options=options,
        note=note,
        empty=(lambda rng: (numpy.zeros((0, 2)), nW)) if lengths is None else None,
        bad=(((numpy.zeros(5, "f"), nW), ShapeError, "seq2col: X has the shape"),) if lengths is None else (),
    )
    return forward, backprop_of(forward, order=lambda dY, args, Y: (dY, nW))


# -- reductions -----------------------------------------------------------------------------


def each(reduce):
    def oracle(X, lengths):
        rows = [reduce(part) for part in parts(X, lengths)] if len(lengths) else []
        return numpy.stack(rows) if rows else X[:0]

    return oracle


def maxes(X, lengths):
    return each(lambda x: x.max(axis=0))(X, lengths), each(lambda x: x.argmax(axis=0).astype("int32"))(X, lengths)


def firsts(X, lengths):
    # Compatibility: without sequences the second result is `lengths` itself.
    return each(lambda x: x[0])(X, lengths), numpy.cumsum([0, *lengths]).astype("int32")[: len(lengths) and None]


def lasts(X, lengths):
    return each(lambda x: x[-1])(X, lengths), numpy.cumsum(lengths) - 1


def mistakes(name, limit):
    X, op = numpy.zeros((3, 2), "f"), f"reduce_{name}"
    return (
        ((X, numpy.array([4], "int32")), IndexError, f"{op}: lengths must sum up to the number of rows"),
        ((X, numpy.array([-1, 4], "int32")), ShapeError, f"{op}: all sequence lengths must be {limit}"),
    )


def reduction(name, oracle, lengths, order, limit="> 0", **options):
    rows = int(lengths.sum())
    forward = Op(
        f"reduce_{name}",
        lambda rng: (distinct(rng, rows, 2), lengths),
        oracle,
        factor=4,
        empty=lambda rng: (numpy.zeros((0, 2)), NONE),
        bad=mistakes(name, limit),
        **options,
    )
    return forward, backprop_of(forward, order=order)


def with_lengths(dY, args, Y):
    return dY, args[1]


def with_second(dY, args, Y):
    return dY, Y[1]


def mean(x):
    return x.sum(axis=0) / max(len(x), 1)


RECORDS = [
    *PACKING,
    *(record for nW in (0, 1, 2, 9) for lengths in (None, LENGTHS) for record in windows(nW, lengths)),
    *reduction("sum", each(lambda x: x.sum(axis=0)), LENGTHS, with_lengths, ">= 0"),
    *reduction("mean", each(mean), LENGTHS, with_lengths, ">= 0"),
    *reduction("max", maxes, FULL, lambda dY, args, Y: (dY, Y[1], args[1])),
    *reduction("first", firsts, FULL, with_second),
    *reduction("last", lasts, FULL, with_second),
]
