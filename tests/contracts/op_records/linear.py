"""Records of the matrix products."""

import numpy

from thinc.backends.linear.reference import ACTIVATIONS
from thinc.errors import DTypeError, ShapeError

from ..op import REFERENCE, Op


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


def activated(name, keep):
    def oracle(X, W, b, name, keep):
        Z = X @ W.T + b
        return getattr(REFERENCE, name)(Z), (Z if keep else None)

    return Op(
        "activated_affine",
        lambda rng: (rng.normal(size=(4, 3)), rng.normal(size=(2, 3)), rng.normal(size=2), name, keep),
        oracle,
        error=5e-7,  # the true error function is not the one of the reference
        factor=8,
        empty=lambda rng: (zeros(0, 3), zeros(2, 3), zeros(2), name, keep),
        bad=(
            ((zeros(4, 3), zeros(2, 3), zeros(2), "softmax", keep), ValueError, "got the activation 'softmax'"),
            ((zeros(4, 3), zeros(2, 3), zeros(3), name, keep), ShapeError, "affine: got b = "),
        ),
        note=f"{name}-{'keep' if keep else 'drop'}",
    )


def maxout_oracle(X, W, b):
    Z = numpy.einsum("ni,opi->nop", X, W) + b
    return Z.max(axis=2), Z.argmax(axis=2).astype("int32")


def maxout_affine(note, nB, nO, nP, nI):
    return Op(
        "maxout_affine",
        lambda rng: (rng.normal(size=(nB, nI)), rng.normal(size=(nO, nP, nI)), rng.normal(size=(nO, nP))),
        maxout_oracle,
        factor=8,
        empty=lambda rng: (zeros(0, nI), zeros(nO, nP, nI), zeros(nO, nP)),
        bad=(((zeros(nB, nI + 1), zeros(nO, nP, nI), zeros(nO, nP)), ShapeError, "gemm: got .*inner sizes"),),
        note=note,
    )


def backprop_maxout_affine_oracle(dY, which, X, W, dW, db):
    dZ = dY[..., None] * (which[..., None] == numpy.arange(W.shape[1]))
    return numpy.einsum("nop,opi->ni", dZ, W), dW + numpy.einsum("nop,ni->opi", dZ, X), db + dZ.sum(axis=0)


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
    *(activated(name, keep) for name in ACTIVATIONS for keep in (True, False)),
    Op(
        "activated_affine",
        lambda rng: (rng.normal(size=(33, 70)), rng.normal(size=(65, 70)), rng.normal(size=65), "relu", False),
        lambda X, W, b, name, keep: (numpy.maximum(X @ W.T + b, 0), None),
        factor=8,
        note="large",
    ),
    Op(
        "backprop_affine",
        lambda rng: tuple(rng.normal(size=size) for size in ((5, 2), (5, 3), (2, 3), (2, 3), 2)),
        lambda dZ, X, W, dW, db: (dZ @ W, dW + dZ.T @ X, db + dZ.sum(axis=0)),
        writes=(3, 4),
        finish=lambda args, returned: (returned, *args[3:]),
        factor=8,
        empty=lambda rng: (zeros(0, 2), zeros(0, 3), zeros(2, 3), zeros(2, 3), zeros(2)),
        bad=(((zeros(5, 2), zeros(4, 3), zeros(2, 3), zeros(2, 3), zeros(2)), ShapeError, "gemm: got .*inner sizes"),),
    ),
    *(
        maxout_affine(note, *sizes)
        for note, *sizes in (("", 4, 3, 2, 3), ("large", 33, 40, 3, 21), ("one piece", 2, 3, 1, 4))
    ),
    Op(
        "backprop_maxout_affine",
        lambda rng: (
            rng.normal(size=(5, 2)),
            rng.integers(0, 3, (5, 2)).astype("int32"),
            rng.normal(size=(5, 4)),
            rng.normal(size=(2, 3, 4)),
            rng.normal(size=(2, 3, 4)),
            rng.normal(size=(2, 3)),
        ),
        backprop_maxout_affine_oracle,
        writes=(4, 5),
        finish=lambda args, returned: (returned, *args[4:]),
        factor=8,
        empty=lambda rng: (
            zeros(0, 2),
            zeros(0, 2, dtype="int32"),
            zeros(0, 4),
            zeros(2, 3, 4),
            zeros(2, 3, 4),
            zeros(2, 3),
        ),
        bad=(
            (
                (zeros(5, 2), numpy.full((5, 2), 3, "int32"), zeros(5, 4), *(zeros(2, 3, 4),) * 2, zeros(2, 3)),
                IndexError,
                "pieces 3 to 3",
            ),
        ),
    ),
    Op("tile", lambda rng: (rng.normal(size=(2, 3)), 2), lambda X, reps: numpy.concatenate([X, X], axis=1)),
    Op("tile", lambda rng: (rng.normal(size=3), (2, 1)), lambda X, reps: numpy.stack([X, X]), note="axes"),
]
