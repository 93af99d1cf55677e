"""Feed batches to a model, for small training scripts."""

from collections.abc import Iterable
from typing import Any

import numpy

from .interop import get_array_module
from .interop.structures import rebuilt
from .types import Padded, Ragged


def get_shuffled_batches(X, Y, batch_size: int = 128):
    """Yield (X[i], Y[i]) for batches i of one random permutation of the rows.

    X, Y: arrays with as many rows.  The last batch holds what is left.
    """
    order = numpy.random.permutation(len(X))
    for start in range(0, len(order), batch_size):
        indices = order[start : start + batch_size]
        yield X[indices], Y[indices]


def evaluate_model_on_arrays(model, inputs, labels, batch_size: int = 128) -> float:
    """The share of rows, in [0, 1], where the largest guess is the label; 0 without rows.

    inputs: (n, …).  labels: (n, nC) with the largest value at the class, or class ids (n,).
    """
    if len(inputs) == 0:
        return 0.0
    right = 0
    for start in range(0, len(inputs), batch_size):
        guesses = model.predict(inputs[start : start + batch_size]).argmax(axis=1)
        truths = labels[start : start + batch_size]
        truths = truths if truths.ndim == 1 else truths.argmax(axis=1)
        right = right + (guesses == get_array_module(guesses).asarray(truths)).sum()
    return int(right) / len(inputs)


def accumulate_gradients(model: Any, batches: Iterable[tuple[Any, Any]], loss: Any) -> float:
    """Add up the gradients of several batches as if they had been one; no parameter changes yet.

    batches: (X, Y) pairs of any sizes.  loss: a `Loss`, `(guesses, Y) -> (gradient, value)`; if
    it is normalized, a batch counts by its share of all truths, so that uneven batches give the
    gradient of the whole.  Dropout and BatchNorm still see one batch at a time.
    Returns the sum of the values, each times its batch's share.

    >>> import numpy
    >>> from thinc.api import L2Distance, Linear, SGD
    >>> X, Y = numpy.ones((5, 2), dtype="f"), numpy.zeros((5, 1), dtype="f")
    >>> model = Linear().initialize(X=X, Y=Y)
    >>> value = accumulate_gradients(model, [(X[:2], Y[:2]), (X[2:], Y[2:])], L2Distance())
    >>> model.finish_update(SGD(0.1))
    """
    batches = list(batches)
    count = getattr(loss, "count", len)
    counts = [float(count(Y)) for _, Y in batches]
    is_normalized, total, parts = getattr(loss, "normalize", True), sum(counts), []
    for (X, Y), n in zip(batches, counts, strict=True):
        share = n / total if is_normalized and total else 1.0
        guesses, backprop = model.begin_update(X)
        gradient, part = loss(guesses, Y)
        backprop(_times(gradient, share))
        parts.append((share, part))  # not read before all is under way: that would wait for a device
    return sum(share * float(part) for share, part in parts)


def _times(gradient: Any, share: float) -> Any:
    """A gradient in any container times a number."""
    if isinstance(gradient, (list, tuple)):
        return rebuilt(gradient, [_times(item, share) for item in gradient])
    if isinstance(gradient, Ragged):
        return Ragged(gradient.dataXd * share, gradient.lengths)
    if isinstance(gradient, Padded):
        return Padded(gradient.data * share, gradient.size_at_t, gradient.lengths, gradient.indices)
    return gradient * share
