"""Records of the matrix products."""

import numpy

from thinc.errors import DTypeError, ShapeError

from ..op import Op


def gemm_oracle(x, y, out=None, trans1=False, trans2=False):
    return (x.T if trans1 else x) @ (y.T if trans2 else y)


def zeros(*shape, dtype="float32"):
    return numpy.zeros(shape, dtype)


MISTAKES = (
    ((zeros(2, 3), zeros(4, 5)), ShapeError, "gemm: got .*inner sizes 3 and 4"),
    ((zeros(3), zeros(3, 2)), ShapeError, "gemm: got .*give two matrices"),
    ((zeros(2, 3), zeros(3, 2, dtype="float64")), DTypeError, "gemm: got .*astype"),
    ((zeros(2, 3, dtype="int32"), zeros(3, 2, dtype="int32")), DTypeError, "gemm: got .*astype"),
    ((zeros(2, 3), zeros(3, 2), zeros(2, 3)), ShapeError, "gemm: got out"),
    ((zeros(2, 3), zeros(3, 2), zeros(2, 2, dtype="float64")), DTypeError, "gemm: got out"),
)


def gemm(note, one, two, **options):
    return Op(
        "gemm",
        lambda rng: (rng.normal(size=one), rng.normal(size=two)),
        gemm_oracle,
        options=options,
        factor=8,
        note=note,
        empty=lambda rng: (zeros(*one)[:, :0], zeros(*two)[:0]) if not options else (zeros(0, 0), zeros(0, 0)),
        bad=() if note else MISTAKES,
    )


RECORDS = [
    gemm("", (4, 3), (3, 2)),
    gemm("trans1", (3, 4), (3, 2), trans1=True),
    gemm("trans2", (4, 3), (2, 3), trans2=True),
    gemm("trans1-trans2", (3, 4), (2, 3), trans1=True, trans2=True),
    gemm("large", (33, 70), (70, 65)),
    Op(
        "gemm",
        lambda rng: (rng.normal(size=(4, 3)), rng.normal(size=(3, 2)), rng.normal(size=(4, 2))),
        gemm_oracle,
        writes=(2,),
        factor=8,
        note="out",
    ),
    Op(
        "affine",
        lambda rng: (rng.normal(size=(4, 3)), rng.normal(size=(2, 3)), rng.normal(size=2)),
        lambda X, W, b: X @ W.T + b,
        factor=8,
        empty=lambda rng: (zeros(0, 3), zeros(2, 3), zeros(2)),
        bad=(((zeros(4, 3), zeros(2, 3), zeros(3)), ShapeError, "affine: got b = "),),
    ),
    Op("tile", lambda rng: (rng.normal(size=(2, 3)), 2), lambda X, reps: numpy.concatenate([X, X], axis=1)),
    Op("tile", lambda rng: (rng.normal(size=3), (2, 1)), lambda X, reps: numpy.stack([X, X]), note="axes"),
]
