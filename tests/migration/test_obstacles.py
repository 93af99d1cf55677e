"""What hinders a turn to either side is said, part by part."""

import numpy
import pytest
import torch
from torch import nn

from thinc.api import LSTM, BatchNorm, Softmax, from_torch, to_torch
from thinc.errors import ConversionError, ShapeError
from thinc.layers.swiglu import SwiGLU
from thinc.migration import modules

from .twins import difference, numbers, randomized


def reasons(module, **options):
    reports = []
    model = from_torch(module, report=reports.append, **options)
    return model, [entry.reason for entry in reports[0] if entry.reason]


def mixed_axes():
    encoder = nn.TransformerEncoder(
        nn.TransformerEncoderLayer(4, 2, 8, batch_first=True), 2, enable_nested_tensor=False
    )
    encoder.layers[1] = nn.TransformerEncoderLayer(4, 2, 8)
    return encoder


@pytest.mark.parametrize(
    "make, sequences, reason",
    [
        (lambda: nn.Embedding(9, 4, max_norm=1.0), "arrays", "max_norm or scale_grad_by_freq is set"),
        (lambda: nn.Embedding(9, 4, scale_grad_by_freq=True), "arrays", "max_norm or scale_grad_by_freq is set"),
        (lambda: nn.Softmax(), "arrays", "dim is None, which depends on the input"),
        (mixed_axes, "arrays", "its layers take different axes"),
    ],
)
def test_the_report_says_why_a_module_is_wrapped(make, sequences, reason):
    assert reasons(make(), sequences=sequences)[1] == [reason]


def test_a_module_without_weights_is_refused():
    with torch.device("meta"):
        module = nn.Sequential(nn.ReLU(), nn.Linear(3, 3))
    with pytest.raises(ConversionError, match="1.weight, 1.bias have no values yet.*to_empty"):
        from_torch(module)


def test_an_axis_that_no_sequence_has_is_refused():
    with pytest.raises(ConversionError, match="can't be fed sequences of different lengths"):
        from_torch(nn.Softmax(0), sequences="ragged")


@pytest.mark.parametrize("dim", [1, 2, -1, -2])
def test_softmax_along_an_axis_is_native_for_ragged_sequences(dim):
    """Of (batch, time, width) or (batch, width, time): sequences of rows know only the width."""
    model, why = reasons(nn.Softmax(dim), sequences="ragged")
    X = [numbers(3, 4), numbers(1, 4)]
    assert not why
    for Y, x in zip(model.predict(X), X):
        assert difference(Y, torch.softmax(torch.tensor(x), -1)) <= 1e-6


def test_parts_with_one_tensor_are_wrapped_with_what_is_around_both():
    inner = nn.Linear(3, 3)
    twin = nn.Linear(3, 3)
    twin.weight = inner.weight
    module = nn.Sequential(nn.Linear(3, 3), nn.Sequential(inner, nn.ReLU(), twin))
    model, why = reasons(module)
    assert why == ["1.0 and 1.2 share a tensor"]
    X = numbers(2, 3)
    assert difference(model.predict(X), module(torch.tensor(X))) <= 1e-6


def test_axes_of_two_kinds_can_not_be_rows():
    module = nn.Sequential(nn.Conv1d(3, 3, 1), nn.LSTM(3, 3, batch_first=True))
    with pytest.raises(ConversionError, match="the width is the last axis in 1 and the second one in 0"):
        from_torch(module, sequences="ragged")


def ready(layer, *shape):
    return layer.initialize(X=numbers(*shape))


def cold():
    model = ready(Softmax(3), 2, 4)
    model.attrs["softmax_temperature"] = 0.5
    return model


def frozen():
    model = ready(BatchNorm(), 2, 4)
    model.freeze("*.mean")
    return model


def with_a_start():
    model = LSTM(4, 3).initialize()
    model.set_param("HC0", model.get_param("HC0") + 1)
    return model


@pytest.mark.parametrize(
    "make, text",
    [
        (cold, "temperature or gives bare scores"),
        (frozen, "its statistics are frozen"),
        (with_a_start, "begins with a state other than zero"),
        (lambda: ready(SwiGLU(3), 2, 4), "torch has no module for this gate"),
    ],
)
def test_what_torch_has_no_module_for_is_told(make, text):
    with pytest.raises(ConversionError, match=text):
        to_torch(make())


def test_a_module_for_several_outputs_gives_the_first():
    module = modules.make("First", layer=nn.LSTM(3, 2))
    X = torch.ones(4, 1, 3)
    assert torch.equal(module((X,)), module.layer(X)[0]) and torch.equal(module(X), module((X,)))


def test_only_the_kinds_that_there_are_are_modules():
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        modules.Nothing


def test_a_tensor_of_other_axes_is_refused():
    module = to_torch(from_torch(randomized(nn.Conv1d(3, 3, 1))))
    with pytest.raises(ShapeError, match=r"got \[3\]; give it a tensor with the axes"):
        module(torch.ones(3))
    assert numpy.shape(module(torch.ones(2, 3, 4)).detach().numpy()) == (2, 3, 4)
