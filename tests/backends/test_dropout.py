"""The numbers of dropout masks: how often, how independent, how repeatable."""

import numpy
import pytest

from thinc.api import NumpyOps, fix_random_seed
from thinc.backends import _accelerate

ops = NumpyOps()
compiled = pytest.mark.skipif(_accelerate.kernels is None, reason="the extension is switched off")


@pytest.mark.parametrize("drop", [0.1, 0.5, 0.9])
def test_numbers_are_left_out_with_the_given_probability(drop):
    fix_random_seed(0)
    mask = ops.get_dropout_mask((1000, 400), drop)
    assert mask.dtype == "float32" and set(mask.ravel().tolist()) == {0.0, float(numpy.float32(1 / (1 - drop)))}
    spread = (drop * (1 - drop)) ** 0.5
    # Five standard deviations of the whole, of 400 columns and of 1000 rows.
    out = mask == 0
    assert abs(out.mean() - drop) < 5 * spread / 400_000**0.5
    assert abs(out.mean(axis=0) - drop).max() < 5 * spread / 1000**0.5
    assert abs(out.mean(axis=1) - drop).max() < 5 * spread / 400**0.5


@pytest.mark.parametrize("distance", [1, 2, 3, 16, 400])
def test_neighbours_are_independent(distance):
    fix_random_seed(1)
    out = ops.get_dropout_mask(400_000, 0.5) == 0
    assert abs((out[distance:] == out[:-distance]).mean() - 0.5) < 5 * 0.5 / 400_000**0.5


def test_masks_differ_and_are_independent_of_each_other():
    fix_random_seed(2)
    masks = numpy.array([ops.get_dropout_mask(500, 0.5) > 0 for _ in range(400)], float)
    products = numpy.corrcoef(masks)[numpy.triu_indices(400, 1)]
    assert abs(products).max() < 6 / 500**0.5
    assert abs(products.std() - 1 / 500**0.5) < 0.1 / 500**0.5


def test_masks_repeat_under_a_seed():
    drawn = []
    for _ in range(2):
        fix_random_seed(7)
        drawn.append([ops.get_dropout_mask((3, 5), 0.3).tolist() for _ in range(2)])
    assert drawn[0] == drawn[1] and drawn[0][0] != drawn[0][1]


@compiled
def test_a_number_depends_on_its_place_and_the_seed_alone():
    long, short = (_accelerate.kernels.dropout_mask((n,), 0.5, 12345) for n in (1000, 77))
    assert (long[:77] == short).all()


@pytest.mark.parametrize("drop,value", [(None, 1), (0, 1), (-0.5, 1), (1, 0), (1.5, 0)])
def test_limits(drop, value):
    assert ops.get_dropout_mask((2, 3), drop).tolist() == [[value] * 3] * 2


@pytest.mark.parametrize("shape", [5, (5,), [2, 3], (), (0, 4)])
def test_any_shape(shape):
    assert ops.get_dropout_mask(shape, 0.5).shape == numpy.zeros(shape).shape
