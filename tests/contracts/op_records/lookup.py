"""Records of hashes, tables and codes of positions."""

import struct

import numpy

from thinc.backends.lookup.murmur import murmur3_32
from thinc.errors import DTypeError, ShapeError

from ..op import Grad, Op

MASK = 2**64 - 1
INDICES = numpy.array([[0, 1, 1], [3, 3, 2]], "int32")
ROWS = numpy.array([0, 2, 0, 3], "int32")


def ids(*values):
    return numpy.array(values, "uint64")


def rotl(x, r):
    return (x << r | x >> (64 - r)) & MASK


def fmix(h):
    for constant in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        h = (h ^ h >> 33) * constant & MASK
    return h ^ h >> 33


def mm3_x64_128(key, seed):
    """Appleby's MurmurHash3_x64_128 of eight bytes, in Python's integers."""
    h1 = seed ^ rotl(key * 0x87C37B91114253D5 & MASK, 31) * 0x4CF5AD432745937F & MASK
    h1, h2 = h1 ^ 8, seed ^ 8
    h1 = (h1 + h2) & MASK
    h2 = (h1 + h2) & MASK
    h1, h2 = fmix(h1), fmix(h2)
    h1 = (h1 + h2) & MASK
    return h1, (h1 + h2) & MASK


def hash_oracle(keys, seed):
    rows = [struct.unpack("<4I", struct.pack("<2Q", *mm3_x64_128(int(key), seed))) for key in keys]
    return numpy.array(rows, "uint32").reshape((-1, 4))


def murmur64a(words):
    """Appleby's MurmurHash64A with seed 0, in Python's integers."""
    m = 0xC6A4A7935BD1E995
    h = len(words) * 8 * m & MASK
    for word in words:
        k = word * m & MASK
        h = (h ^ (k ^ k >> 47) * m & MASK) * m & MASK
    h = (h ^ h >> 47) * m & MASK
    return h ^ h >> 47


def ngrams_oracle(n, keys):
    keys = [int(key) for key in keys]
    return numpy.array([murmur64a(keys[i : i + n]) for i in range(len(keys) - n + 1)], "uint64")


def scatter_oracle(table, rows, values):
    hits = rows[:, None] == numpy.arange(len(table))
    return table + hits.T.astype("float64") @ values


def hash_embed_oracle(table, keys, seed):
    rows = (hash_oracle(keys, seed) % len(table)).astype("int32")
    return table[rows].sum(axis=1), rows


def positions_oracle(N, D, period=10000):
    Y = numpy.zeros((N, D), "float32")
    for i in range(N):
        for j in range(D):
            pair = j // 2 * 2 - (2 if D % 2 and D > 1 and j == D - 1 else 0)
            angle = i / period ** (2 * pair / D)
            Y[i, j] = numpy.cos(angle) if j % 2 else numpy.sin(angle)
    return Y


gather_add = Op(
    "gather_add",
    lambda rng: (rng.normal(size=(4, 3)), INDICES),
    lambda table, indices: table[indices].sum(axis=1),
    factor=4,
    empty=lambda rng: (numpy.zeros((4, 3)), INDICES[:0]),
    bad=(
        ((numpy.zeros((3, 2), "f"), INDICES), IndexError, "gather_add: the indices go from 0 to 3"),
        ((numpy.zeros((4, 2), "f"), -INDICES), IndexError, "gather_add: the indices go from -3 to 0"),
        ((numpy.zeros(4, "f"), INDICES), ShapeError, "gather_add: the table has the shape"),
    ),
)
scatter_add = Op(
    "scatter_add",
    lambda rng: (rng.normal(size=(4, 3)), ROWS, rng.normal(size=(4, 3))),
    scatter_oracle,
    writes=(0,),
    finish=lambda args, returned: args[0],
    factor=4,
    empty=lambda rng: (numpy.zeros((4, 3)), ROWS[:0], numpy.zeros((0, 3))),
    bad=(((numpy.zeros((3, 2), "f"), ROWS, numpy.ones((4, 2), "f")), IndexError, "scatter_add: the indices"),),
)
HASHED = numpy.array([[0, 1, 1, 3], [3, 3, 2, 0]], "int32")
hash_embed = Op(
    "hash_embed",
    lambda rng: (rng.normal(size=(7, 3)), ids(0, 1, 2, 2**63, MASK), 42),
    hash_embed_oracle,
    factor=4,
    empty=lambda rng: (numpy.zeros((7, 3)), ids(), 42),
)
KEYS, COUNTS = ids(0, 1, 2**63, 7), numpy.array([1, 0, 3], "int32")


def sparse_weights(nO, keys, length, shared):
    """(features, nO, weights): how often each feature uses each weight for a class."""
    uses = numpy.zeros((len(keys), nO, nO * length))
    for i, key in enumerate(keys):
        for seed in (0, 1):
            h = murmur3_32(int(key).to_bytes(8, "little"), seed)
            for c in range(nO):
                uses[i, c, (h & (length - 1)) + c if shared else h % length + c * length] += 1
    return uses


def sparse_oracle(W, b, keys, values, lengths, length, shared):
    texts = numpy.repeat(numpy.eye(len(lengths)), lengths, axis=0)
    n = len(texts)
    return b + texts.T @ (sparse_weights(len(b), keys[:n], length, shared) @ W * values[:n, None])


def backprop_sparse_oracle(dY, keys, values, lengths, length, shared, dW):
    d_features = numpy.repeat(dY, lengths, axis=0) * values[: lengths.sum(), None]
    return dW + numpy.einsum("ncw,nc->w", sparse_weights(dY.shape[1], keys, length, shared), d_features)


RECORDS = [
    *(
        Op(
            "sparse_affine",
            lambda rng, shared=shared: (
                rng.normal(size=16),
                rng.normal(size=2),
                KEYS,
                rng.normal(size=4),
                COUNTS,
                8,
                shared,
            ),
            sparse_oracle,
            factor=4,
            empty=lambda rng: (numpy.zeros(16), numpy.zeros(2), KEYS[:0], numpy.zeros(0), COUNTS[:0], 8, False),
            note="shared" if shared else "apart",
        )
        for shared in (False, True)
    ),
    *(
        Op(
            "backprop_sparse_affine",
            lambda rng, shared=shared: (
                rng.normal(size=(3, 2)),
                KEYS,
                rng.normal(size=4),
                COUNTS,
                8,
                shared,
                rng.normal(size=16),
            ),
            backprop_sparse_oracle,
            writes=(6,),
            finish=lambda args, returned: args[6],
            factor=4,
            note="shared" if shared else "apart",
        )
        for shared in (False, True)
    ),
    hash_embed,
    Op(
        "backprop_hash_embed",
        lambda rng: (rng.normal(size=(2, 3)), HASHED, rng.normal(size=(4, 3))),
        lambda dY, rows, d_table: d_table + (rows[..., None] == numpy.arange(4)).sum(axis=1).T.astype("float64") @ dY,
        writes=(2,),
        finish=lambda args, returned: args[2],
        factor=8,
        empty=lambda rng: (numpy.zeros((0, 3)), HASHED[:0], numpy.zeros((4, 3))),
        bad=(((numpy.ones((2, 3), "f"), HASHED, numpy.zeros((3, 3), "f")), IndexError, "scatter_add: the indices"),),
    ),
    Op(
        "hash",
        lambda rng: (ids(0, 1, 2, 2**63, MASK, 12345678901234567890), 42),
        hash_oracle,
        fixed=True,
        empty=lambda rng: (ids(), 0),
        bad=(
            ((ids(1).reshape(1, 1), 0), ShapeError, "hash: the keys have the shape"),
            ((numpy.zeros(2, "int32"), 0), DTypeError, "hash: the keys are int32"),
        ),
    ),
    *(
        Op(
            "ngrams",
            lambda rng, n=n: (n, ids(1, 2, MASK, 4)),
            ngrams_oracle,
            fixed=True,
            note=str(n),
            empty=lambda rng, n=n: (n, ids()),
            bad=(
                ((n, numpy.zeros(2, "int32")), DTypeError, "ngrams: the keys are int32"),
                ((n, [1, 2]), DTypeError, "ngrams: the keys are list"),
            ),
        )
        for n in (1, 2, 3)
    ),
    gather_add,
    scatter_add,
    # Reading rows and adding to rows are adjoint: scatter_add is the gradient of a gather.
    Grad(
        "scatter_add",
        of=Op("gather_add", lambda rng: (rng.normal(size=(4, 3)), ROWS[:, None]), gather_add.oracle, factor=4),
        order=lambda dY, args, Y: (numpy.zeros_like(args[0]), args[1][:, 0], dY),
        writes=(0,),
        finish=lambda args, returned: args[0],
        note="adjoint",
    ),
    *(
        Op("position_encode", lambda rng, D=D: (3, D), positions_oracle, fixed=True, error=1e-6, note=str(D))
        for D in (1, 4, 5)
    ),
    Op(
        "position_encode",
        lambda rng: (3, 4, 100, numpy.zeros((3, 4))),
        lambda N, D, period, out: positions_oracle(N, D, period),
        writes=(3,),
        dtypes=("float32",),
        error=1e-6,
        note="out",
        bad=(((3, 4, 100, numpy.zeros((4, 4), "f")), ShapeError, "position_encode: `out` has the shape"),),
    ),
]
