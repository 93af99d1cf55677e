"""Empty batches, Python lists and wrong numbers: an answer of the right kind, or what to do."""

import numpy
import pytest

from thinc.api import (
    GRU,
    BatchNorm,
    Conv1d,
    Linear,
    Maxout,
    MultiHeadAttention,
    Relu,
    Softmax,
    TransformerEncoder,
    chain,
    list2array,
    list2padded,
    list2ragged,
    reduce_mean,
)
from thinc.errors import ShapeError


def floats(*shape):
    return numpy.random.default_rng(0).normal(size=shape).astype("f")


SEQUENCES = [floats(n, 8) for n in (4, 0, 7, 1)]


SEQUENCE_LAYERS = [
    lambda: GRU(4, 8, bi=True, depth=2),
    lambda: Conv1d(4, 8),
    lambda: MultiHeadAttention(4, 8, n_heads=2, rotary=True, is_causal=True),
    lambda: TransformerEncoder(8, n_heads=2),
    lambda: BatchNorm(8),
]


@pytest.mark.parametrize("make", SEQUENCE_LAYERS)
def test_no_sequences_give_no_sequences(make):
    model = make().initialize(X=SEQUENCES)
    Y, backprop = model.begin_update([])
    assert Y == [] == backprop([]) == model.predict([])
    for convert in (list2ragged(), list2padded()) if not model.layers else ():
        Y, backprop = model.begin_update(convert.predict([]))
        assert len(Y) == len(backprop(Y)) == 0
        assert Y.data.shape[-1] == model.predict(SEQUENCES)[0].shape[1]


def test_no_memory_for_no_sequences():
    model = MultiHeadAttention(4, 8, n_heads=2, nM=3).initialize(X=(SEQUENCES, [floats(2, 3)] * 4))
    Y, backprop = model.begin_update(([], []))
    assert Y == [] and backprop([]) == ([], [])


@pytest.mark.parametrize("make", [Linear, Maxout, Relu, Softmax])
@pytest.mark.parametrize("first", [list2array, lambda: chain(list2ragged(), reduce_mean())])
def test_no_sequences_give_no_rows(make, first):
    model = chain(first(), make(3)).initialize(X=SEQUENCES[2:])
    Y, backprop = model.begin_update([])
    assert Y.shape == model.predict([]).shape == (0, 3)
    assert backprop(Y) == []
    grads = [model.layers[1].get_grad(name) for name in ("W", "b")]
    assert not any(grad.any() for grad in grads) and grads[0].shape == model.layers[1].get_param("W").shape


def test_rows_of_another_width_are_no_empty_batch():
    for X in (floats(0, 5), floats(2, 0)):
        with pytest.raises(ShapeError, match="the inner sizes . and 8 must agree"):
            Linear(3, 8).initialize().predict(X)
