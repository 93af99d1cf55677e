"""Records of the steps of an encoder."""

import numpy

from thinc.errors import ShapeError

from ..op import Op
from .linear import maxout_oracle
from .lookup import MASK, hash_embed_oracle, ids
from .normalization import layernorm_oracle


def windows_oracle(X, W, b, G, shift, nW=1):
    n, w = X.shape
    wide = numpy.vstack([numpy.zeros((nW, w)), X, numpy.zeros((nW, w))])
    windows = numpy.hstack([wide[i : i + n] for i in range(2 * nW + 1)])
    return X + layernorm_oracle(maxout_oracle(windows, W, b)[0], G, shift)[0]


def windows(note, n, w, nP, nW):
    sizes = ((n, w), (w, nP, w * (2 * nW + 1)), (w, nP), w, w)
    wrong = [numpy.ones(size, "f") for size in sizes]
    wrong[1] = numpy.ones((w, nP, w), "f")
    return Op(
        "encode_windows",
        lambda rng: tuple(rng.normal(size=size) for size in sizes),
        lambda *args, nW=nW: windows_oracle(*args, nW),
        options={"nW": nW},
        dtypes=("float32", "float64"),
        factor=32,
        empty=lambda rng: (numpy.zeros((0, w)), *(numpy.ones(size) for size in sizes[1:])),
        bad=((tuple(wrong), ShapeError, "gemm: got .*inner sizes"),) if nW else (),
        note=note,
    )


def embeds_oracle(tables, keys, seeds):
    return numpy.hstack([hash_embed_oracle(*one)[0] for one in zip(tables, keys, seeds)])


KEYS = ids(0, 1, 2, 2**63, MASK)
RECORDS = [
    windows("", 5, 4, 2, 1),
    windows("no neighbours", 4, 3, 3, 0),
    windows("wide", 14, 5, 1, 3),
    windows("large", 200, 34, 3, 1),
    *(
        Op(
            "predict_maxout",
            lambda rng, n=n: (
                rng.normal(size=(5, 7))[rng.integers(0, 5, n)],
                rng.normal(size=(30, 3, 7)),
                rng.normal(size=(30, 3)),
            ),
            lambda X, W, b: maxout_oracle(X, W, b)[0],
            factor=8,
            empty=lambda rng: (numpy.zeros((0, 7)), numpy.ones((30, 3, 7)), numpy.zeros((30, 3))),
            bad=(
                (
                    tuple(numpy.ones(size, "f") for size in ((4, 6), (30, 3, 7), (30, 3))),
                    ShapeError,
                    "gemm: got .*inner sizes",
                ),
            ),
            note=note,
        )
        for note, n in (("", 4), ("repeated", 200))
    ),
    Op(
        "hash_embeds",
        lambda rng: ([rng.normal(size=(7, 3)), rng.normal(size=(2, 5))], [KEYS, KEYS[::-1]], [42, 7]),
        embeds_oracle,
        factor=4,
        empty=lambda rng: ([numpy.zeros((7, 3)), numpy.zeros((2, 5))], [ids(), ids()], [1, 2]),
        bad=(
            (([numpy.ones((7, 3), "f")], [KEYS], [1, 2]), ShapeError, "hash_embeds: got 1 tables, 1 .* and 2 seeds"),
            (([numpy.ones((7, 3), "f")], [KEYS.reshape(5, 1)], [1]), ShapeError, "hash: the keys have the shape"),
        ),
    ),
]
