"""Arrays are fed in shuffled batches, and accuracy is the share of right rows."""

import numpy

from thinc.training import evaluate_model_on_arrays, get_shuffled_batches


class Echo:
    """A model whose guesses are its inputs."""

    def predict(self, X):
        return X


def test_every_row_comes_once_with_its_label():
    X = numpy.arange(10)
    batches = list(get_shuffled_batches(X, X * 2, 4))
    assert [len(x) for x, _ in batches] == [4, 4, 2]
    assert all((y == x * 2).all() for x, y in batches)
    assert sorted(numpy.concatenate([x for x, _ in batches])) == list(range(10))
    assert len(list(get_shuffled_batches(X, X))) == 1
    assert list(get_shuffled_batches(X[:0], X[:0])) == []


def test_accuracy_of_classes_and_ids():
    guesses, labels = numpy.eye(5), numpy.eye(5)[[0, 1, 2, 3, 0]]
    assert evaluate_model_on_arrays(Echo(), guesses, labels, 2) == 0.8
    assert evaluate_model_on_arrays(Echo(), guesses, labels.argmax(axis=1)) == 0.8
    assert evaluate_model_on_arrays(Echo(), guesses[:0], labels[:0]) == 0.0
