"""What a kernel is not made for, the reference does: the same values and the same errors."""

import numpy
import pytest

from thinc.backends import Ops

from .emulator import EmulatedCupyOps, why_not

pytestmark = pytest.mark.skipif(why_not() is not None, reason=str(why_not()))


def floats(*shape, dtype="f", seed=0):
    return numpy.random.default_rng(seed).normal(size=shape).astype(dtype)


def ints(*values, dtype="i"):
    return numpy.array(values, dtype)


def keys(n):
    return numpy.arange(n, dtype="uint64")


SPREAD = numpy.zeros(3, [("key", "u8"), ("rest", "i4")])["key"]  # steps of 12 bytes
CALLS = {
    "slopes where the memory overlaps": (
        "backprop_relu",
        lambda: (lambda memory: (memory[:4], memory[1:5]))(floats(5)),
        {"inplace": True},
    ),
    "a mask without numbers": ("get_dropout_mask", lambda: ((0, 3), 0.5), {}),
    "a bias of doubles": ("affine", lambda: (floats(2, 3), floats(4, 3), floats(4, dtype="d")), {}),
    "an affine of doubles and floats": ("affine", lambda: (floats(2, 3), floats(4, 3), floats(3)), {}),
    "no table": ("hash_embed", lambda: (floats(0, 2), keys(3), 1), {}),
    "ids in a matrix": ("hash_embed", lambda: (floats(4, 2), keys(4).reshape(2, 2), 1), {}),
    "ids between other fields": ("hash_embed", lambda: (floats(4, 2), SPREAD, 1), {}),
    "no texts": (
        "sparse_affine",
        lambda: (floats(16), floats(2), keys(0), floats(0), ints(), 4, False),
        {},
    ),
    "no gradients of texts": (
        "backprop_sparse_affine",
        lambda: (floats(0, 2), keys(0), floats(0), ints(), 4, False, floats(16)),
        {},
    ),
    "a norm of another width": (
        "backprop_layernorm",
        lambda: (floats(2, 3), floats(2, 3), floats(3), floats(2), floats(3)),
        {},
    ),
    "cells of two dtypes": (
        "_lstm_cell",
        lambda: (floats(2, 8), floats(2, 2, dtype="d"), floats(2, 2), floats(2, 8), floats(2, 2), floats(2, 2)),
        {},
    ),
    "cells without sequences": (
        "_lstm_cell",
        lambda: (floats(0, 8), *(floats(0, 2) for _ in range(2)), floats(0, 8), floats(0, 2), floats(0, 2)),
        {},
    ),
    "too many gradients": ("backprop_reduce_max", lambda: (floats(3, 2), ints([0, 0], [0, 0], [0, 0]), ints(1, 2)), {}),
    "a vector of words": ("seq2col", lambda: (floats(3), 1), {}),
    "a window that does not divide": ("backprop_seq2col", lambda: (floats(3, 4), 1), {}),
    "lengths that are a list": ("reduce_sum", lambda: (floats(3, 2), [1, 2]), {}),
    "a gradient of ints": ("clip_gradient", lambda: (ints(3, 4), 1.0), {}),
    "averages of another shape": ("update_averages", lambda: (floats(2, 3), floats(3), 1), {}),
    "averages of nothing": ("update_averages", lambda: (floats(0), floats(0), 1), {}),
    "weights without numbers": (
        "_step_weights",
        lambda: ([(floats(0), floats(0), None, None, None, ("sgd", 0.0, 0.0, 0.0, 0.0, 0.9, 0.9, 0.1, 1e-8, 0.5))],),
        {},
    ),
}


def outcome(ops, name, args, options):
    """(what it gives, its arguments afterwards), or the error."""
    try:
        return getattr(ops, name)(*args, **options), args
    except Exception as error:
        return type(error), str(error)


def assert_same(one, two):
    if isinstance(one, (tuple, list)):
        assert len(one) == len(two)
        for mine, other in zip(one, two):
            assert_same(mine, other)
    elif isinstance(one, numpy.ndarray):
        assert one.dtype == two.dtype and one.shape == two.shape
        numpy.testing.assert_allclose(one, two, rtol=1e-5, atol=1e-6)
    else:
        assert one == two


@pytest.mark.parametrize("case", CALLS)
def test_the_reference_stands_in(case):
    name, make, options = CALLS[case]
    assert_same(outcome(EmulatedCupyOps(), name, make(), options), outcome(Ops(), name, make(), options))


def test_gradients_with_gaps_between_their_numbers_go_back_through_a_cell():
    def run(ops):
        dA, dc = numpy.zeros((2, 8), "f"), floats(2, 2, seed=4)
        wide = floats(2, 4)
        G = 1 / (1 + numpy.exp(-floats(2, 8, seed=1)))
        ops._backprop_lstm_cell(wide[:, ::2], floats(2, 2, seed=2), dc, G, floats(2, 2, seed=3), floats(2, 2), dA)
        return dA, dc

    assert_same(run(EmulatedCupyOps()), run(Ops()))


def test_a_subclass_with_its_own_product_is_asked_for_it():
    class Own(EmulatedCupyOps):
        def affine(self, X, W, b):
            return super().affine(X, W, b) + 1

    args = floats(2, 3), floats(4, 3), floats(4)
    assert not Own._fused and EmulatedCupyOps._fused
    assert_same(Own().activated_affine(*args, "relu")[1], Ops().affine(*args) + 1)
