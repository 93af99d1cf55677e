"""Keep what each case gives as plain arrays and words, so that two versions can be compared."""

import numpy

from thinc.api import Model, Padded, Ragged
from thinc.types import ArgsKwargs, Pairs

RESULTS = {}
ROUNDS = range(3)  # each case is computed with so many random inputs


def record(name, compute):
    """Compute and keep; of an error, the types that it belongs to and its beginning."""
    numpy.random.seed(0)
    try:
        RESULTS[name] = flat(compute())
    except Exception as error:
        RESULTS[name] = Failure(error)


class Failure:
    """An error that was raised, in words that can be pickled."""

    def __init__(self, error):
        self.types = [each.__name__ for each in type(error).__mro__ if each not in (BaseException, object)]
        self.text = str(error).strip().split("\n")[0][:90]

    def __str__(self):
        return f"{self.types[0]}: {self.text}"


def flat(value):
    """Every array of a value, and a word for whatever else stands in it, in order."""
    if isinstance(value, numpy.ndarray) and value.dtype != object:
        return [value.copy()]
    if isinstance(value, (numpy.generic, float)) and not isinstance(value, (str, bytes)):
        return [numpy.asarray(value)]
    if isinstance(value, Padded):
        return ["Padded", *flat((value.data, value.size_at_t, value.lengths, value.indices))]
    if isinstance(value, Ragged):
        return ["Ragged", *flat((value.dataXd, value.lengths))]
    if isinstance(value, Pairs):
        return ["Pairs", *flat((value.one, value.two))]
    if isinstance(value, ArgsKwargs):
        return ["ArgsKwargs", *flat(value.args), *flat(value.kwargs)]
    if isinstance(value, dict):
        return ["dict", *(part for key, each in value.items() for part in (str(key), *flat(each)))]
    if isinstance(value, (list, tuple)):
        return [type(value).__name__, *(part for each in value for part in flat(each))]
    if isinstance(value, Model):
        return ["Model", value.name, *flat({n: value.maybe_get_dim(n) for n in value.dim_names})]
    return [value if isinstance(value, bytes) else repr(value)]


def rng(number=0):
    return numpy.random.default_rng(1 + number)


def floats(*shape, number=0, dtype="f", scale=3):
    return (rng(number).normal(size=shape) * scale).astype(dtype)


def integers(high, *shape, number=0, dtype="i"):
    return rng(number).integers(0, high, shape).astype(dtype)


def chances(*shape, number=0, dtype="f"):
    """Rows that sum up to 1; the same in every version, unlike its own softmax."""
    weights = rng(number).uniform(0.01, 1, shape)
    return (weights / weights.sum(axis=-1, keepdims=True)).astype(dtype)


def lengths_of(total, number=0, least=0):
    """Random lengths that sum up to `total`."""
    parts = 1 + rng(number + 50).integers(0, max(1, total - least * 3), 2) if total else numpy.zeros(2)
    cuts = numpy.sort(numpy.clip(parts, 0, total))
    lengths = numpy.diff([0, *cuts, total]).astype("i")
    return lengths if not least or lengths.min() >= least else numpy.array([total], "i")


def layouts(X):
    """{name: the same numbers in another layout}."""
    spaced = numpy.zeros((*X.shape[:-1], X.shape[-1] * 2), X.dtype)[..., ::2]
    spaced[...] = X
    fixed = X.copy()
    fixed.flags.writeable = False
    return {
        "C": X,
        "Fortran": numpy.asfortranarray(X),
        "strided": spaced,
        "read-only": fixed,
        "reversed": X[::-1].copy()[::-1],
    }
