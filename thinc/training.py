"""Feed arrays to a model in batches, for small training scripts."""

import numpy

from .interop import get_array_module


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
        right += int((guesses == get_array_module(guesses).asarray(truths)).sum())
    return right / len(inputs)
