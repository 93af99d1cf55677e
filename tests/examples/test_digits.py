"""The digits example learns what the first page of the documentation promises."""

import sys
import types
from urllib.error import URLError

import numpy
import pytest
from digits import load_data, load_digits, train


def test_no_held_out_digit_is_learnt_from():
    (train_X, train_Y), (dev_X, dev_Y) = load_digits()
    assert len(train_X) == len(train_Y) and len(dev_X) == len(dev_Y) == 360
    assert not {row.tobytes() for row in train_X} & {row.tobytes() for row in dev_X}
    assert numpy.array_equal(train_Y.sum(axis=1), numpy.ones(len(train_Y)))


def test_held_out_digits_are_read(capsys):
    (train_X, train_Y), (dev_X, dev_Y) = load_digits()
    model, accuracy = train(train_X, train_Y, dev_X, dev_Y)
    assert accuracy >= 0.95
    assert f"{accuracy:.3f}" in capsys.readouterr().out.splitlines()[-1]
    assert model.predict(dev_X[:1]).shape == (1, 10)


@pytest.fixture
def mnist(monkeypatch):
    """A stand-in for `ml_datasets`, whose function `mnist` the test sets."""
    module = types.ModuleType("ml_datasets")
    monkeypatch.setitem(sys.modules, "ml_datasets", module)
    return module


def test_mnist_is_taken_where_it_can_be_fetched(mnist):
    parts = (numpy.zeros((2, 784)), numpy.eye(2)), (numpy.ones((2, 784)), numpy.eye(2))
    mnist.mnist = lambda: parts
    assert load_data() is parts


def test_digits_stand_in_for_mnist_where_it_cannot_be_fetched(mnist, capsys):
    def refuse():
        raise URLError("no network")

    mnist.mnist = refuse
    (train_X, _), _ = load_data()
    assert train_X.shape == (1437, 64)
    assert "no network" in capsys.readouterr().out
