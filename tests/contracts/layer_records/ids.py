"""Records of the layers over ids, words and sparse features."""

import numpy

from thinc import api
from thinc.errors import ShapeError
from thinc.layers.array_getitem import floats_getitem, ints_getitem

from ..layer import Layer, rows
from ..op_records.lookup import hash_oracle

IDS = numpy.array([1, 3, 1, 0, 2], "uint64")
TABLE = numpy.stack([IDS * 0, IDS], axis=1).astype("int64")
WORDS = [["apple", "banana"], ["café", ""], []]
HASHED = [[1880549520, 18446744073531435951], [605818632, 0], []]  # published


def param(model, name="E"):
    return next(node.get_param(name) for node in model.walk() if node.has_param(name))


def hashed(ids):
    def oracle(model, X):
        E = param(model)
        return E[hash_oracle(ids, 7).astype("int64") % len(E)].sum(axis=1)

    return oracle


def mm3_32(key, seed):
    """Appleby's MurmurHash3_x86_32 of the eight bytes of a key, in Python's integers."""
    h, mask = seed, 2**32 - 1
    for word in (key & mask, key >> 32):
        k = word * 0xCC9E2D51 & mask
        k = (k << 15 | k >> 17) * 0x1B873593 & mask
        h ^= k
        h = ((h << 13 | h >> 19) * 5 + 0xE6546B64) & mask
    h ^= 8
    for shift, constant in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        h = (h ^ h >> shift) * constant & mask
    return h ^ h >> 16


def sparse(rng):
    keys = numpy.array([0, 1, 2, 12345678901234567890], "uint64")
    return keys, rng.normal(size=4), numpy.array([1, 2, 1], "int32")


def no_documents(rng):
    return tuple(part[:0] for part in sparse(rng))


def sparse_oracle(slot):
    def oracle(model, X):
        W, b, length = model.get_param("W"), model.get_param("b"), model.get_dim("length")
        Y, start = [], 0
        for n in X[2]:
            row = b.astype("float64")
            for key, value in zip(X[0][start : start + n], X[1][start : start + n]):
                for seed in (0, 1):
                    row = row + value * W[[slot(mm3_32(int(key), seed), c, length) for c in range(len(b))]]
            Y.append(row)
            start += n
        return numpy.stack(Y)

    return oracle


def embedded(model, X):
    return param(model)[X[:, 1] if X.ndim == 2 else X.astype("int64")]


def remapped(values):
    return lambda model, X: numpy.array(values, "int32").reshape(-1, 1)


NO_IDS = IDS[:0]
REMAP = {1: 10, 3: 30, 0: 5}
FOUND = [10, 30, 10, 5, 9]

RECORDS = [
    Layer("Embed", lambda: api.Embed(3, 4), lambda rng: IDS, embedded, ("Embed.v1",), empty=lambda rng: NO_IDS,
          bad=((IDS + 9, IndexError, "ids go from 9 to 12"),)),
    Layer("Embed", lambda: api.Embed(3, 4, column=1), lambda rng: TABLE, embedded, empty=lambda rng: TABLE[:0], note="column"),
    Layer("HashEmbed", lambda: api.HashEmbed(3, 10, seed=7), lambda rng: IDS, hashed(IDS), ("HashEmbed.v1",), empty=lambda rng: NO_IDS,
          bad=((TABLE, ShapeError, r"int64\[5, 2\].*column"),)),
    Layer("HashEmbed", lambda: api.HashEmbed(3, 10, seed=7, column=1), lambda rng: TABLE, hashed(IDS), empty=lambda rng: TABLE[:0], note="column"),
    Layer("uniqued", lambda: api.uniqued(api.Embed(3, 4, column=1), column=1), lambda rng: TABLE, embedded, ("uniqued.v1",), empty=lambda rng: TABLE[:0]),
    # The values of features are handed back instead of a gradient.
    Layer("SparseLinear", lambda: api.SparseLinear(2, 8), sparse, sparse_oracle(lambda h, c, length: (h & (length - 1)) + c),
          ("SparseLinear.v1",), ignore=("X",), empty=no_documents, dtypes=("float32",)),
    Layer("SparseLinear_v2", lambda: api.SparseLinear_v2(2, 8), sparse, sparse_oracle(lambda h, c, length: h % length + c * length),
          ("SparseLinear.v2",), ignore=("X",), empty=no_documents, dtypes=("float32",)),
    Layer("strings2arrays", api.strings2arrays, lambda rng: WORDS, lambda m, X: [numpy.array(h, "uint64").reshape(-1, 1) for h in HASHED],
          ("strings2arrays.v1",), backprops=False),
    Layer("remap_ids", lambda: api.remap_ids({"a": 1, "b": 5}, default=7), lambda rng: ["a", "b", "c"], remapped([1, 5, 7]), ("remap_ids.v1",), backprops=False),
    Layer("remap_ids", lambda: api.remap_ids({"a": 1}, default=7, dtype="float32"), lambda rng: ["a", "b"],
          lambda m, X: numpy.array([[1], [7]], "float64"), backprops=False, dtypes=("float32",), note="floats"),
    Layer("remap_ids_v2", lambda: api.remap_ids_v2(REMAP, 9), lambda rng: IDS.astype("int32"), remapped(FOUND), ("remap_ids.v2",), empty=lambda rng: NO_IDS,
          bad=((TABLE, TypeError, r"\(5, 2\).*column"),)),
    Layer("remap_ids_v2", lambda: api.remap_ids_v2(REMAP, 9, column=1), lambda rng: TABLE, remapped(FOUND), note="column"),
    Layer("premap_ids", lambda: api.premap_ids(REMAP, 9), lambda rng: IDS, remapped(FOUND), ("premap_ids.v1",), empty=lambda rng: NO_IDS),
    Layer("premap_ids", lambda: api.premap_ids(REMAP, 9, column=1), lambda rng: TABLE, remapped(FOUND), note="column"),
    Layer("array_getitem", lambda: api.array_getitem((slice(0, 3), 1)), rows(5, 4), lambda m, X: X[:3, 1]),
    Layer("array_getitem", lambda: api.array_getitem([0, 0, 2]), rows(5, 4), lambda m, X: X[[0, 0, 2]], note="repeated"),
    Layer("floats_getitem", lambda: floats_getitem(2), rows(5, 4), lambda m, X: X[2]),
    Layer("ints_getitem", lambda: ints_getitem((slice(0, None), 1)), lambda rng: TABLE, lambda m, X: X[:, 1], empty=lambda rng: TABLE[:0]),
]  # fmt: skip
