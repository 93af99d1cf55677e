"""An update that is refused changes nothing of its parameter, and nothing of those after it."""

import numpy
import pytest

from thinc.api import Adam
from thinc.errors import ContainerError, ShapeError

SHAPE = (4, 3)


def read_only(array):
    array.flags.writeable = False
    return array


BAD_GRADIENTS = {
    "of another size": (lambda: numpy.ones((5, 3), "f"), ShapeError),
    "read-only": (lambda: read_only(numpy.ones(SHAPE, "f")), ContainerError),
    "broadcast": (lambda: numpy.broadcast_to(numpy.float32(1), SHAPE), ContainerError),
    "of words": (lambda: numpy.full(SHAPE, "a"), ValueError),
}


def ones():
    return numpy.ones(SHAPE, "f")


def refuse(optimizer, weights, gradients, error):
    """Update all, where the second is refused; the first one was updated, the others are as they were."""
    before, counts = [w.copy() for w in weights], dict(optimizer.nr_update)
    with pytest.raises(error):
        optimizer.update_many([((i, "W"), w, g) for i, (w, g) in enumerate(zip(weights, gradients, strict=True))])

    assert not numpy.array_equal(weights[0], before[0]) and not gradients[0].any()
    for i in (1, 2):
        numpy.testing.assert_array_equal(weights[i], before[i])
        assert optimizer.nr_update[i, "W"] == counts.get((i, "W"), 0)
    assert optimizer.nr_update[0, "W"] == counts.get((0, "W"), 0) + 1
    assert gradients[2].any()


@pytest.mark.parametrize("steps", [0, 1, 3])
@pytest.mark.parametrize("bad", BAD_GRADIENTS)
def test_a_bad_gradient(bad, steps):
    make, error = BAD_GRADIENTS[bad]
    optimizer, weights = Adam(0.1), [ones() for _ in range(3)]
    for _ in range(steps):
        optimizer.update_many([((i, "W"), w, ones()) for i, w in enumerate(weights)])

    refuse(optimizer, weights, [ones(), make(), ones()], error)


@pytest.mark.parametrize("steps", [0, 1, 3])
def test_a_read_only_parameter(steps):
    optimizer, weights = Adam(0.1), [ones() for _ in range(3)]
    for _ in range(steps):
        optimizer.update_many([((i, "W"), w, ones()) for i, w in enumerate(weights)])
    read_only(weights[1])

    refuse(optimizer, weights, [ones() for _ in range(3)], ContainerError)


def test_a_parameter_of_another_size_must_be_forgotten_first():
    optimizer, key = Adam(0.1), (0, "W")
    optimizer(key, ones(), ones())
    larger = numpy.ones((6, 3), "f")
    with pytest.raises(ShapeError, match="forget"):
        optimizer(key, larger, numpy.ones_like(larger))
    assert (larger == 1).all() and optimizer.nr_update[key] == 1
    optimizer.forget(key)
    optimizer(key, larger, numpy.ones_like(larger))
    assert (larger < 1).all()


def test_weights_in_the_other_byte_order_keep_all_their_digits():
    start = numpy.random.default_rng(0).normal(size=SHAPE)
    native, swapped = start.copy(), start.astype(start.dtype.newbyteorder())
    for weights in (native, swapped):
        Adam(0.1)((0, "W"), weights, numpy.ones(SHAPE, weights.dtype))

    numpy.testing.assert_array_equal(swapped, native)
