"""Settings that torch has too: files without them stay as they were."""

import numpy

from thinc.api import Embed, LayerNorm

X = numpy.asarray([[1.0, 3.0]], dtype="f")


def test_a_default_eps_leaves_no_trace_in_the_file():
    assert LayerNorm(2).attrs == {}
    assert LayerNorm(2, eps=1.0).attrs == {"eps": 1.0}


def test_eps_comes_back_from_a_file():
    saved = LayerNorm(2, eps=3.0).initialize(X=X)
    loaded = LayerNorm(2, eps=1.0).initialize(X=X).from_bytes(saved.to_bytes())

    assert loaded.predict(X).tolist() == [[-0.5, 0.5]]


def test_the_row_of_padding_gets_no_gradient():
    model = Embed(2, 3, padding_idx=-1).initialize()
    ids = numpy.asarray([[0, 2], [1, 2]])
    Y, backprop = model.begin_update(ids)
    backprop(Y * 0 + 1)

    assert model.get_grad("E").tolist() == [[1.0, 1.0], [1.0, 1.0], [0.0, 0.0]]
    assert Y.shape == (2, 2, 2)


def test_without_padding_every_row_gets_a_gradient():
    model = Embed(2, 3).initialize()
    Y, backprop = model.begin_update(numpy.asarray([2, 2]))
    backprop(Y * 0 + 1)

    assert model.get_grad("E").tolist() == [[0.0, 0.0], [0.0, 0.0], [2.0, 2.0]]
    assert "padding_idx" not in model.attrs
