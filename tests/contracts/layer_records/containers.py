"""Records of the transforms and adapters, for each container that they take."""

import numpy

from thinc import api
from thinc.backends import NumpyOps
from thinc.types import Padded, Ragged

from ..layer import Layer, rows
from ..op_records.sequence import list2padded_oracle, windows_oracle
from .combinators import listed, sigma
from .dense import affine, empty
from .sequence import no_sequences, ragged

KINDS = ("list", "ragged", "padded", "array")


def padded(rng):
    return list2padded_oracle(listed(rng))


def cube(rng):
    return rng.normal(size=(3, 2, 4))


def no_padded(rng):
    none = numpy.zeros(0, "int32")
    return Padded(numpy.zeros((0, 0, 4)), none, none, none)


BATCHES = {"list": listed, "ragged": ragged, "padded": padded, "array": rows(5, 4), "cube": cube}
EMPTY = {"list": lambda rng: [], "ragged": no_sequences, "array": empty}


def everywhere(change):
    """An oracle that changes the last axis of the data in any container."""

    def oracle(model, X):
        layer = model.layers[0]
        if isinstance(X, Ragged):
            return Ragged(change(layer, X.data), X.lengths)
        if isinstance(X, Padded):
            return Padded(change(layer, X.data), X.size_at_t, X.lengths, X.indices)
        return [change(layer, x) for x in X] if isinstance(X, list) else change(layer, X)

    return oracle


def adapter(name, inner, change, kinds=KINDS, **options):
    make, registered = getattr(api, name), f"{name}.v1"
    return [
        Layer(name, lambda: make(inner(), **options), BATCHES[kind], everywhere(change), (registered,), empty=EMPTY.get(kind), note=kind, error=1e-8)
        for kind in kinds
    ]  # fmt: skip


def sequences_of(X):
    if isinstance(X, Ragged):
        return numpy.split(X.data, numpy.cumsum(X.lengths)[:-1])
    return X if isinstance(X, list) else [X]


def back(X, Ys):
    return Ragged(numpy.concatenate(Ys), X.lengths) if isinstance(X, Ragged) else Ys if isinstance(X, list) else Ys[0]


def windows_of_sequences(model, X):
    return back(X, [windows_oracle(x, 1) for x in sequences_of(X)])


def sigma_of(layer, x):
    return sigma(x)


def affine_any(layer, x):
    return affine(layer, x)


LINEAR = lambda: api.Linear(3)  # noqa: E731
LISTED = lambda: api.map_list(api.sigmoid_activation())  # noqa: E731
PADDED_SIGMA = lambda: api.with_array(api.sigmoid_activation())  # noqa: E731


WORDS = {"a": 1, "b": 2, "c": 3}


def nested(rng):
    return [[rng.normal(size=(n, 4)) for n in sizes] for sizes in ((2, 1), (), (3,))]


def words(rng):
    return [["a", "b"], [], ["c"]]


def embed_words():
    """A list of words to an array of rows."""
    column = api.array_getitem((slice(0, None), 0))
    return api.chain(api.remap_ids(WORDS), column, api.Embed(3, 4))


def embedded_words(model, X):
    E = model.layers[0].layers[-1].get_param("E")
    return [E[[WORDS[word] for word in part]] if part else E[:0] for part in X]


RECORDS = [
    Layer("list2array", api.list2array, listed, lambda m, X: numpy.concatenate(X), ("list2array.v1",)),
    Layer("list2ragged", api.list2ragged, listed, lambda m, X: Ragged(numpy.concatenate(X), numpy.array([2, 0, 3], "i")), ("list2ragged.v1",)),
    Layer("list2padded", api.list2padded, listed, lambda m, X: list2padded_oracle(X), ("list2padded.v1",)),
    Layer("ragged2list", api.ragged2list, ragged, lambda m, X: sequences_of(X), ("ragged2list.v1",)),
    Layer("padded2list", api.padded2list, padded, lambda m, X: [X.data[:2, 1], X.data[:0, 2], X.data[:3, 0]], ("padded2list.v1",)),
    *adapter("with_array", LINEAR, affine_any, ("list", "ragged", "array")),
    *adapter("with_array", api.sigmoid_activation, sigma_of, ("padded", "cube")),
    Layer("with_array", lambda: api.with_array(api.expand_window(), pad=1), listed,
          lambda m, X: [windows_oracle(x, 1) for x in X], note="pad"),
    *adapter("with_array2d", LINEAR, affine_any, KINDS),
    *adapter("with_list", LISTED, sigma_of, ("list", "ragged")),
    Layer("with_ragged", lambda: api.with_ragged(api.expand_window()), listed, windows_of_sequences, ("with_ragged.v1",), empty=EMPTY["list"], note="list"),
    Layer("with_ragged", lambda: api.with_ragged(api.expand_window()), ragged, windows_of_sequences, empty=no_sequences, note="ragged"),
    *adapter("with_padded", PADDED_SIGMA, sigma_of, ("list", "ragged", "padded", "cube")),
    Layer("with_flatten", lambda: api.with_flatten(embed_words()), words, embedded_words, ("with_flatten.v1",)),
    Layer("with_flatten_v2", lambda: api.with_flatten_v2(LISTED()), nested, lambda m, X: [[sigma(x) for x in xs] for xs in X], ("with_flatten.v2",), error=1e-8),
    Layer("with_reshape", lambda: api.with_reshape(LINEAR()), cube, lambda m, X: affine(m.layers[0], X), ("with_reshape.v1",)),
    Layer("with_getitem", lambda: api.with_getitem(1, LINEAR()), lambda rng: (cube(rng), rng.normal(size=(5, 4))),
          lambda m, X: (X[0], affine(m.layers[0], X[1])), ("with_getitem.v1",)),
    Layer("with_getitem", lambda: api.with_getitem(-1, LINEAR()), lambda rng: [cube(rng), rng.normal(size=(5, 4))],
          lambda m, X: [X[0], affine(m.layers[0], X[1])], note="last"),
    Layer("with_cpu", lambda: api.with_cpu(LINEAR(), NumpyOps()), rows(5, 4), lambda m, X: affine(m.layers[0], X), ("with_cpu.v1",), empty=empty),
]  # fmt: skip
