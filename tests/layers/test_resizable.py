"""Layers get more outputs after training, and keep what they have learned."""

import numpy
import pytest

from thinc.layers.linear import Linear
from thinc.layers.resizable import resizable, resize_linear_weighted, resize_model


def test_resizing_keeps_old_rows():
    model = resizable(Linear(2, 3), resize_linear_weighted).initialize()
    W = model.layers[0].get_param("W")
    resize_model(model, 4)
    layer = model.layers[0]
    assert model.get_dim("nO") == layer.get_dim("nO") == 4
    assert numpy.array_equal(layer.get_param("W")[:2], W)
    assert not layer.get_param("W")[2:].any()


def test_resizing_details():
    fresh = Linear()
    assert resize_linear_weighted(fresh, 3) is fresh and fresh.get_dim("nO") == 3
    layer = Linear(2, 3).initialize()
    larger = resize_linear_weighted(layer, 3, fill_defaults={"b": -9.0})
    assert larger.get_param("b").tolist() == [0, 0, -9]
    with pytest.raises(ValueError):
        resize_linear_weighted(layer, 1)
