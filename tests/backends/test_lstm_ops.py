"""The LSTM against torch; values, gradients and mistakes are in the contract."""

import numpy
import pytest
import torch

from thinc.backends import NumpyOps

ops = NumpyOps()
LENGTHS = [4, 2, 2, 1]


def make(nL, nD, nI=3, nH=2, dtype="float64"):
    rng = numpy.random.default_rng(0)
    sizes = [sum(n > t for n in LENGTHS) for t in range(max(LENGTHS))]
    widths = [nI] + [nD * nH] * (nL - 1)
    size = sum(nD * 4 * nH * (w + nH + 2) for w in widths)
    params = rng.normal(size=size).astype(dtype)
    H0, C0 = rng.normal(size=(2, nL, nD, nH)).astype(dtype)
    X = rng.normal(size=(sum(sizes), nI)).astype(dtype)
    dY = rng.normal(size=(sum(sizes), nD * nH)).astype(dtype)
    return params, H0, C0, X, numpy.array(sizes, "int32"), dY


def pieces(flat, nL, nD, nI, nH):
    start = 0
    for level in range(nL):
        for way in range(nD):
            for kind, width in (
                ("weight_ih", nI if level == 0 else nD * nH),
                ("bias_ih", 0),
                ("weight_hh", nH),
                ("bias_hh", 0),
            ):
                shape = (4, nH, width) if width else (4, nH)
                end = start + int(numpy.prod(shape))
                value = flat[start:end].reshape(shape)[[1, 0, 3, 2]]
                name = f"{kind}_l{level}" + ("_reverse" if way else "")
                yield name, value.reshape((4 * nH,) + shape[2:])
                start = end


@pytest.mark.parametrize("nL,nD", [(1, 1), (1, 2), (2, 1), (2, 2)])
def test_ragged_batch_equals_torch(nL, nD):
    params, H0, C0, X, sizes, dY = make(nL, nD)
    net = torch.nn.LSTM(3, 2, nL, bidirectional=nD == 2).double()
    named = dict(net.named_parameters())
    with torch.no_grad():
        for name, value in pieces(params, nL, nD, 3, 2):
            named[name].copy_(torch.tensor(value))
    tX = torch.tensor(X, requires_grad=True)
    packed = torch.nn.utils.rnn.PackedSequence(tX, torch.tensor(sizes.astype("int64")))
    state = [torch.tensor(numpy.repeat(S.reshape(-1, 1, 2), len(LENGTHS), 1)) for S in (H0, C0)]
    tY = net(packed, tuple(state))[0].data
    tY.backward(torch.tensor(dY))
    Y, fwd_state = ops.lstm_forward_training(params, H0, C0, X, sizes)
    dX, d_params = ops.backprop_lstm(dY, sizes, params, fwd_state)
    assert numpy.allclose(Y, tY.detach().numpy(), atol=1e-8)
    assert numpy.allclose(Y, ops.lstm_forward_inference(params, H0, C0, X, sizes))
    assert numpy.allclose(dX, tX.grad.numpy(), atol=1e-7)
    for name, value in pieces(d_params, nL, nD, 3, 2):
        assert numpy.allclose(value, named[name].grad.numpy(), atol=1e-7), name


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_dtype_is_kept_and_inputs_are_not_written(dtype):
    *args, dY = make(2, 2, dtype=dtype)
    for array in (*args, dY):
        array.flags.writeable = False
    Y, state = ops.lstm_forward_training(*args)
    dX, d_params = ops.backprop_lstm(dY, args[-1], args[0], state)
    assert {a.dtype for a in (Y, dX, d_params)} == {numpy.dtype(dtype)}
    assert state[1].shape == (2, 2, 9, 8) and state[2].shape == (2, 2, 9, 2)


def test_empty_batch():
    params, H0, C0, X, sizes, dY = make(2, 2)
    Y, state = ops.lstm_forward_training(params, H0, C0, X[:0], sizes[:0])
    dX, d_params = ops.backprop_lstm(dY[:0], sizes[:0], params, state)
    assert Y.shape == (0, 4) and dX.shape == (0, 3) and not d_params.any()
