"""A model made for sequences gives for each what the module gives for it alone."""

import numpy
import pytest
import torch
from torch import nn

from thinc.api import NumpyOps, Ragged, from_torch

from .twins import compare_gradients, difference, first, numbers, randomized

OPS = NumpyOps()
LENGTHS = (4, 7, 5)


def encoder(batch_first):
    layer = nn.TransformerEncoderLayer(4, 2, 6, dropout=0.0, batch_first=batch_first, norm_first=True)
    return nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)


MODULES = {
    "rows": lambda: nn.Sequential(nn.Linear(4, 6), nn.GLU(), nn.LayerNorm(3), nn.Dropout(0.0), nn.Linear(3, 2), nn.Softmax(2)),
    "GRU": lambda: nn.GRU(4, 3, 2, bidirectional=True),
    "LSTM": lambda: nn.LSTM(4, 3, 2, bidirectional=True),
    "LSTM with dropout": lambda: nn.LSTM(4, 3, 3, dropout=1e-9, batch_first=True),
    "encoder": lambda: nn.Sequential(encoder(True), nn.Linear(4, 2)),
    "encoder, time first": lambda: encoder(False),
    "convolutions": lambda: nn.Sequential(nn.Conv1d(4, 6, 3, padding=1), nn.GLU(1), nn.BatchNorm1d(3), nn.Conv1d(3, 2, 2), nn.Softmax(1)),
}  # fmt: skip


def alone(name, module, X):
    """The module's output for one sequence (length, width)."""
    if name == "convolutions":
        return module(X.T[None])[0].T
    if name in ("rows", "encoder", "LSTM with dropout"):
        return first(module(X[None]))[0]
    return first(module(X[:, None]))[:, 0]


def pack(Xs, container):
    if container == "list":
        return list(Xs)
    if container == "ragged":
        return Ragged(numpy.concatenate(Xs), numpy.array([len(X) for X in Xs], "i"))
    return OPS.list2padded(list(Xs))


def unpack(Y):
    if isinstance(Y, Ragged):
        return numpy.split(Y.dataXd, numpy.cumsum(Y.lengths)[:-1])
    return Y if isinstance(Y, list) else OPS.padded2list(Y)


@pytest.mark.parametrize("container", ["list", "ragged", "padded"])
@pytest.mark.parametrize("name", MODULES)
def test_every_sequence_is_seen_alone(name, container):
    module = randomized(MODULES[name]()).eval()
    for parameter in module.modules():
        parameter.training = False
    model = from_torch(module, sequences="ragged")
    Xs = [numbers(length, 4, seed=length) for length in LENGTHS]

    Ys = unpack(model.predict(pack(Xs, container)))

    for X, Y in zip(Xs, Ys, strict=True):
        assert difference(Y, alone(name, module, torch.tensor(X))) <= 1e-5


@pytest.mark.parametrize(
    "name", [name for name in MODULES if name != "convolutions"]
)  # batch norm sees the whole batch
def test_gradients_are_the_sums_over_the_sequences(name):
    module = randomized(MODULES[name]())
    model = from_torch(module, sequences="ragged")
    Xs = [numbers(length, 4, seed=length) for length in LENGTHS]
    Y, backprop = model.begin_update(pack(Xs, "ragged"))
    dYs = [numbers(*y.shape, seed=len(y)) for y in unpack(Y)]
    dXs = unpack(backprop(pack(dYs, "ragged")))
    for X, dY, dX in zip(Xs, dYs, dXs, strict=True):
        T = torch.tensor(X, requires_grad=True)
        alone(name, module, T).backward(torch.tensor(dY))
        assert difference(dX, T.grad) <= 1e-5

    assert all(value <= 1e-5 for value in compare_gradients(model, module, "ragged").values())


@pytest.mark.parametrize("container", ["list", "ragged"])
def test_sequences_of_ids(container):
    module = randomized(nn.Sequential(nn.Embedding(9, 4), encoder(True), nn.Linear(4, 9))).eval()
    model = from_torch(module, sequences="ragged")
    Xs = [numpy.arange(n) for n in (3, 1, 5)]

    Ys = unpack(model.predict(pack(Xs, container)))

    for X, Y in zip(Xs, Ys, strict=True):
        assert difference(Y, module(torch.tensor(X)[None])[0]) <= 1e-5


def test_the_layers_are_those_of_both_forms():
    module = nn.Sequential(nn.Embedding(9, 4), encoder(True))

    names = [
        sorted(node.name for node in from_torch(module, sequences=form).walk() if node.param_names)
        for form in ("arrays", "ragged")
    ]

    assert names[0] == names[1]
