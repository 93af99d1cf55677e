"""GRU and convolution equal torch in value and in every gradient, on every container."""

import numpy
import pytest
import torch
import torch.nn.functional as F

from thinc.api import GRU, Conv1d
from thinc.errors import ShapeError

from .against_torch import (
    BATCHES,
    compare,
    every,
    in_batches,
    in_containers,
    numbers,
    pack,
    randomized,
    sequences,
    unpack,
)

GRUS = [(bi, depth) for bi in (False, True) for depth in (1, 2)]


def torch_gru(bi, depth, nH):
    module = torch.nn.GRU(3, nH, depth, bidirectional=bi, dtype=torch.float64)
    kinds = {"Wx": "weight_ih_l", "Wh": "weight_hh_l", "bx": "bias_ih_l", "bh": "bias_hh_l"}

    def reference(p, Xs):
        weights = {kinds[name[:2]] + name[3:]: value for name, value in p.items()}

        def run(X):
            return torch.func.functional_call(module, weights, X[:, None])[0][:, 0]

        return [run(X) if len(X) else X @ torch.zeros(3, nH * (1 + bi), dtype=torch.float64) for X in Xs]

    return reference


@in_containers
@in_batches
@pytest.mark.parametrize("bi, depth", GRUS)
def test_gru(container, batch, bi, depth):
    model = randomized(GRU(4, 3, bi=bi, depth=depth).initialize(), "float64")
    reference = torch_gru(bi, depth, 2 if bi else 4)
    compare(model, sequences(BATCHES[batch], 3), reference, container)


@every(["float16", "float32"])
def test_gru_keeps_the_dtype(dtype):
    model = randomized(GRU(4, 3, bi=True, depth=2).initialize(), dtype)
    compare(model, sequences((3, 1, 4), 3), torch_gru(True, 2, 2), "ragged", dtype)


def test_gru_drops_between_levels_only():
    X = [numbers(4, 3).astype("f")]
    for depth in (1, 2):
        model = GRU(4, 3, depth=depth, dropout=0.5).initialize(X=X)
        assert numpy.array_equal(model.begin_update(X)[0][0], model.predict(X)[0]) == (depth == 1)
    with pytest.raises(ShapeError, match="even nO"):
        GRU(5, 3, bi=True)


WINDOWS = [
    {"kernel_size": 3}, {"kernel_size": 1}, {"kernel_size": 2}, {"kernel_size": 4, "dilation": 2},
    {"kernel_size": 3, "padding": 0}, {"kernel_size": 3, "padding": 2, "stride": 2}, {"kernel_size": 5, "dilation": 2, "padding": 3},
]  # fmt: skip


def torch_conv(nO, nI, kernel_size=3, stride=1, dilation=1, padding=None):
    def reference(p, Xs):
        W = p["W"].reshape(nO, kernel_size, nI).swapaxes(1, 2)

        def run(X):
            nothing = X @ torch.zeros(nI, nO, dtype=torch.float64)
            reach = dilation * (kernel_size - 1) + 1 - 2 * (padding or 0)
            if not len(X) or (padding is not None and len(X) < reach):
                return nothing[:0]
            how = "same" if padding is None else padding
            return F.conv1d(X.T[None], W, p["b"], stride=stride, padding=how, dilation=dilation)[0].T

        return [run(X) for X in Xs]

    return reference


@pytest.mark.filterwarnings("ignore:Using padding='same':UserWarning")
@in_containers
@in_batches
@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_convolution(container, batch, window):
    model = randomized(Conv1d(4, 3, **window).initialize(), "float64")
    compare(model, sequences(BATCHES[batch], 3), torch_conv(4, 3, **window), container)


@every(["float16", "float32"])
def test_convolution_keeps_the_dtype(dtype):
    model = randomized(Conv1d(4, 3).initialize(), dtype)
    compare(model, sequences((3, 1, 4), 3), torch_conv(4, 3), "ragged", dtype)


@in_containers
def test_a_window_does_not_reach_into_the_next_sequence(container):
    model = Conv1d(2, 3, kernel_size=5).initialize()
    Xs = sequences((2, 3, 1), 3)
    together = unpack(model.predict(pack(Xs, container, "float32")))
    for X, Y in zip(Xs, together):
        numpy.testing.assert_allclose(Y, model.predict(X.astype("f")), atol=1e-6)


def test_convolution_refuses_windows_that_are_none():
    for options in ({"kernel_size": 0}, {"stride": 0}, {"padding": -1}):
        with pytest.raises(ShapeError, match="Conv1d"):
            Conv1d(2, 3, **options)
