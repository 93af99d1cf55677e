"""Loads and predictions in several threads never mix."""

import threading

import numpy
import pytest

from thinc.api import Linear, Model, chain
from thinc.model.turns import turns


def make(value):
    layers = [Linear(2, 2, init_W=lambda ops, shape: ops.alloc(shape) + value) for _ in range(30)]
    model = chain(*layers).initialize()
    for layer in model.layers:
        layer.set_param("W", numpy.full((2, 2), value, "f"))
    return model


def test_two_threads_load_while_a_third_predicts():
    ones, halves = make(0.5).to_bytes(), make(0.25).to_bytes()
    model, X = make(0.5), numpy.ones((1, 2), "f")
    allowed = {make(value).predict(X).tobytes() for value in (0.5, 0.25)}
    stop, failures = threading.Event(), []

    def load(data):
        try:
            while not stop.is_set():
                model.from_bytes(data)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=load, args=(data,)) for data in (ones, halves)]
    for thread in threads:
        thread.start()
    try:
        seen = [model.predict(X).tobytes() for _ in range(300)]
    finally:
        stop.set()
        for thread in threads:
            thread.join()

    assert not failures and set(seen) <= allowed
    assert model.to_bytes() in (ones, halves)


def load_during(model, data, when):
    """A layer that loads another file into the model in the middle of a prediction."""

    def forward(node, X, is_train):
        if when:
            when.pop()
            thread = threading.Thread(target=model[0].from_bytes, args=(data,))
            thread.start()
            thread.join()
        return X, lambda dY: dY

    return Model("load", forward)


def test_a_prediction_that_a_load_interrupts_runs_again():
    X, when, holder = numpy.ones((1, 2), "f"), [1], []
    middle = load_during(holder, None, [])
    model = chain(make(0.5), middle, make(0.5))
    other = chain(make(0.25), middle, make(0.25)).to_bytes()
    holder.append(model)
    middle.replace_callbacks(load_during(holder, other, when)._func)

    Y = model.predict(X)

    assert not when
    assert (Y == chain(make(0.25), make(0.25)).predict(X)).all()


def test_an_iterator_is_not_read_twice():
    holder = []
    source = Model("source", lambda node, X, is_train: (list(X), lambda dY: dY))
    middle = load_during(holder, None, [])
    model = chain(source, middle)
    holder.append(model)
    middle.replace_callbacks(load_during(holder, model.to_bytes(), [1])._func)

    assert model.predict(iter([1, 2])) == [1, 2]


def test_an_error_that_no_load_caused_is_raised_once():
    calls = []

    def forward(node, X, is_train):
        calls.append(X)
        raise KeyError

    with pytest.raises(KeyError):
        Model("x", forward).predict(1)
    assert calls == [1] and not turns.count & 1
