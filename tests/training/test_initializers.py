"""The initializers draw the published values from one seed."""

import numpy
import pytest

from thinc import initializers
from thinc.backends import NumpyOps
from thinc.config import registry
from thinc.errors import ShapeError

NAMES = ["zero", "uniform", "normal", "glorot_uniform", "glorot_normal"]
NAMES += ["he_uniform", "he_normal", "lecun_uniform", "lecun_normal"]
VECTORS = {
    "uniform": [[0.00976270, 0.04303787, 0.02055268], [0.00897664, -0.01526904, 0.02917882]],
    "glorot_uniform": [[0.106945, 0.471456, 0.225143], [0.098334, -0.167264, 0.319638]],
}


def draw(name, shape=(2, 3), **settings):
    numpy.random.seed(0)
    return getattr(initializers, f"{name}_init")(NumpyOps(), shape, **settings)


@pytest.mark.parametrize("name", NAMES)
def test_values_are_float32_of_the_shape(name):
    W = draw(name, (3, 4, 2))
    assert W.shape == (3, 4, 2) and W.dtype == "float32"


@pytest.mark.parametrize("name", VECTORS)
def test_values_are_the_published_ones(name):
    numpy.testing.assert_allclose(draw(name), VECTORS[name], atol=1e-6)


def test_he_normal_is_the_published_one():
    numpy.testing.assert_allclose(draw("he_normal")[0], [1.440343, 0.326727, 0.799136], atol=1e-6)


def test_mean_of_normal_is_its_deviation():
    assert not draw("normal").any()
    assert abs(draw("normal", (100, 100), mean=3.0).std() - 3.0) < 0.1


@pytest.mark.parametrize("name", NAMES[3:])
def test_fans_need_two_axes(name):
    with pytest.raises(IndexError, match=r"first two axes, but the shape is \(3,\)") as caught:
        draw(name, (3,))
    assert isinstance(caught.value, ShapeError)


@pytest.mark.parametrize("name", NAMES)
def test_every_initializer_comes_from_a_config(name):
    init = registry.resolve({"init": {"@initializers": f"{name}_init.v1"}})["init"]
    numpy.random.seed(0)
    numpy.testing.assert_array_equal(init(NumpyOps(), (2, 3)), draw(name))


def test_settings_come_from_a_config():
    block = {"@initializers": "uniform_init.v1", "lo": 5.0, "hi": 6.0}
    W = registry.resolve({"init": block})["init"](NumpyOps(), (9,))
    assert W.min() >= 5 and W.max() <= 6
