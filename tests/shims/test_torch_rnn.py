"""Recurrent torch modules see sequences of different lengths, never their padding."""

import numpy
import pytest
import torch
from shims.nets import Calls, data

from thinc.api import PyTorchLSTM, PyTorchRNNWrapper
from thinc.types import Padded


def padded(lengths, width=3):
    lengths = numpy.array(lengths, dtype="i")
    size_at_t = numpy.array([(lengths > t).sum() for t in range(max(lengths, default=0))], dtype="i")
    X = data(len(size_at_t), len(lengths), width)
    return Padded(X, size_at_t, lengths, numpy.arange(len(lengths), dtype="i"))


@pytest.mark.parametrize("make", [torch.nn.LSTM, torch.nn.GRU, torch.nn.RNN])
@pytest.mark.parametrize("lengths", [[4, 2, 0], [3], [2, 2], [1, 1, 1]])
def test_each_sequence_is_run_as_if_alone(make, lengths):
    torch.manual_seed(0)
    module = make(3, 2, bidirectional=True)
    Xp = padded(lengths)
    Yp, backprop = PyTorchRNNWrapper(module).begin_update(Xp)
    dX = backprop(Padded(numpy.ones_like(Yp.data), Yp.size_at_t, Yp.lengths, Yp.indices))
    for i, length in enumerate(lengths):
        assert not dX.data[length:, i].any() and not Yp.data[length:, i].any()
        if length:
            leaf = torch.from_numpy(Xp.data[:length, i : i + 1].copy()).requires_grad_()
            alone = module(leaf)[0]
            assert numpy.allclose(Yp.data[:length, i : i + 1], alone.detach(), atol=1e-6)
            alone.sum().backward()
            assert numpy.allclose(dX.data[:length, i : i + 1], leaf.grad, atol=1e-6)


@pytest.mark.parametrize("lengths", [[], [0, 0]])
def test_batches_without_steps_give_batches_without_steps(lengths):
    Xp = padded(lengths)
    model = PyTorchRNNWrapper(torch.nn.LSTM(3, 2))
    for Yp, backprop in (model(Xp, is_train=True), model(Xp, is_train=False)):
        assert Yp.data.shape == (0, len(lengths), 2)
    Yp, backprop = model.begin_update(Xp)
    assert backprop(Yp).data.shape == Xp.data.shape


def test_other_modules_get_the_data_and_no_state():
    seen = []
    module = Calls(lambda X, state: (seen.append(state), (X * 2, None))[1])
    Xp = padded([3, 1])
    Yp, backprop = PyTorchRNNWrapper(module).begin_update(Xp)
    assert seen == [None] and numpy.array_equal(Yp.data, 2 * Xp.data)
    dY = Padded(numpy.ones_like(Xp.data), Xp.size_at_t, Xp.lengths, Xp.indices)
    assert (backprop(dY).data == 2).all()


def test_lists_of_sequences_come_back_as_lists():
    model, Xs = PyTorchLSTM(4, 3, bi=True), [data(n, 3) for n in (2, 0, 5)]
    Ys, backprop = model.initialize().begin_update(Xs)
    assert [Y.shape for Y in Ys] == [(2, 4), (0, 4), (5, 4)]
    assert [dX.shape for dX in backprop(Ys)] == [X.shape for X in Xs]
