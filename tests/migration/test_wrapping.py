"""What can't be turned is wrapped whole, computes the same, and the report says why."""

import numpy
import pytest
import torch
from torch import nn

from thinc.api import Linear, Model, chain, from_torch, to_torch
from thinc.errors import ConversionError
from thinc.migration import CantConvert, Part, Report, converts, registry

from .twins import compare, difference, numbers, randomized


class Doubled(nn.Module):
    """A graph of its own: known modules inside are not touched."""

    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(4, 4)

    def forward(self, X):
        return self.inner(self.inner(X)) + X


class Quiet(nn.Linear):
    """A subclass that computes what its parent does."""


class Loud(nn.Linear):
    def forward(self, X):
        return 2 * super().forward(X)


def hooked():
    module = nn.Linear(4, 4)
    module.register_forward_hook(lambda module, args, Y: Y * 2)
    return module


def replaced():
    module = nn.Linear(4, 4)
    module.forward = lambda X: X * 2
    return module


def partly_frozen():
    module = nn.LSTM(4, 4)
    module.bias_hh_l0.requires_grad_(False)
    return module


def reported(module, **options):
    reports = []
    model = from_torch(module, report=reports.append, **options)
    return model, reports[0]


OBSTACLES = {
    "a forward of its own": (Doubled, "no converter for Doubled"),
    "a subclass with another forward": (lambda: Loud(4, 4), "no converter for Loud"),
    "hooks": (hooked, "has hooks"),
    "a replaced forward": (replaced, "its forward is replaced"),
    "weight norm": (lambda: nn.utils.parametrizations.weight_norm(nn.Linear(4, 4)), "has parametrizations"),
    "several axes": (lambda: nn.LayerNorm((3, 4)), "normalizes several axes at once"),
    "no statistics": (lambda: nn.BatchNorm1d(3, track_running_stats=False), "keeps no running statistics"),
    "a mean of all batches": (lambda: nn.BatchNorm1d(3, momentum=None), "momentum is None"),
    "groups": (lambda: nn.Conv1d(3, 3, 2, groups=3), "groups=3"),
    "another padding": (lambda: nn.Conv1d(3, 3, 2, padding=1, padding_mode="circular"), "padding_mode='circular'"),
    "projections": (lambda: nn.LSTM(4, 3, proj_size=2), "has projections"),
    "no biases": (lambda: nn.LSTM(4, 3, bias=False), "has no biases"),
    "frozen in part": (partly_frozen, "is frozen in part"),
    "an unknown recurrence": (lambda: nn.RNN(4, 3), "no converter for RNN"),
    "an early threshold": (lambda: nn.Softplus(1.0, 2.0), "threshold=2.0"),
    "a weight of its own": (nn.PReLU, "no converter for PReLU"),
}


@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_it_is_wrapped_and_computes_the_same(obstacle):
    make, reason = OBSTACLES[obstacle]
    _, report = reported(make())

    assert [entry.reason for entry in report] == [reason]
    # The comparison can't fill or copy the first three, and torch warns of its projections.
    if obstacle not in ("hooks", "a replaced forward", "weight norm", "projections"):
        assert all(value <= 1e-5 for value in compare(randomized(make()), numbers(2, 3, 4)).values())


@pytest.mark.parametrize("batch_first", [False, True])
def test_wrapped_recurrent_layers_take_lengths_and_come_back(batch_first):
    module = randomized(nn.Sequential(nn.RNN(3, 2, batch_first=batch_first, bidirectional=True)))
    X, lengths = numbers(3, 4, 3), numpy.array([2, 4, 1])
    X = X if batch_first else X.swapaxes(0, 1).copy()
    model = from_torch(module)

    Y = model.predict((X, lengths))

    for i, length in enumerate(lengths):
        mine, its = (Y[i], X[i, :length]) if batch_first else (Y[:, i], X[:length, i])
        assert difference(mine[:length], module[0](torch.tensor(its.copy()))[0]) <= 1e-5
        assert not mine[length:].any()
    assert difference(to_torch(model)(torch.tensor(X), torch.tensor(lengths)).detach().numpy(), torch.tensor(Y)) <= 1e-5


def test_wrapped_parts_are_saved_with_the_rest():
    def make():
        return nn.Sequential(
            nn.Linear(3, 4), nn.PReLU(), Doubled(), nn.Unflatten(1, (2, 2)), nn.RNN(2, 2, batch_first=True)
        )

    saved, loaded = from_torch(randomized(make())), from_torch(make())
    loaded.from_bytes(saved.to_bytes())

    assert difference(loaded.predict(numbers(5, 3)), torch.tensor(saved.predict(numbers(5, 3)))) == 0.0


@pytest.mark.parametrize("make", [hooked, Doubled], ids=["hooks", "graph"])
def test_wrapped_inside_a_native_chain(make):
    module = nn.Sequential(nn.Linear(3, 4), make(), nn.ReLU())
    model, report = reported(module)
    X = numbers(2, 3)

    assert [entry.path for entry in report.wrapped] == ["1"]
    assert difference(model.predict(X), module.eval()(torch.tensor(X))) <= 1e-6


@pytest.mark.parametrize(
    "module, reason",
    [
        (nn.MultiheadAttention(4, 2, add_bias_kv=True), "adds rows to keys and values"),
        (nn.MultiheadAttention(4, 2, kdim=3), "kdim is 3 and vdim 4"),
    ],
    ids=["added rows", "widths"],
)
def test_attention_that_stays_in_torch_gives_its_first_output(module, reason):
    model, report = reported(module)
    X, M = numbers(2, 3, 4), numbers(5, 3, module.kdim)
    V = numbers(5, 3, 4)

    assert [entry.reason for entry in report] == [reason]
    expected = module(*map(torch.tensor, (X, M, V)))[0]
    assert difference(model.predict((X, M, V)), expected) <= 1e-6


def test_an_encoder_with_a_foreign_activation_is_wrapped_by_layers():
    layer = nn.TransformerEncoderLayer(4, 2, 4, dropout=0.0, activation=torch.tanh, batch_first=True)
    module = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
    _, report = reported(nn.Sequential(module, nn.Linear(4, 2)))

    assert [(e.path, e.outcome) for e in report] == [("0", "wrapped: layers.0 isn't native"), ("1", "native: linear")]


def test_a_subclass_without_a_forward_of_its_own_is_native():
    assert reported(nn.Sequential(Quiet(3, 4), type("Block", (nn.Sequential,), {})(nn.ReLU())))[1].is_native


def test_a_module_that_occurs_twice_is_one_layer():
    layer = nn.Linear(4, 4)
    module = randomized(nn.Sequential(layer, nn.Tanh(), layer))
    model, report = reported(module)

    assert [entry.path for entry in report] == ["0", "1"]
    assert all(value <= 1e-5 for value in compare(module, numbers(2, 4)).values())


def test_modules_with_a_tensor_in_common_are_wrapped_together():
    module = nn.Sequential(
        nn.Tanh(), nn.Sequential(nn.Embedding(5, 4), nn.ReLU(), nn.Linear(4, 5, bias=False)), nn.LogSoftmax(-1)
    )
    module[1][2].weight = module[1][0].weight
    model, report = reported(module)

    assert [(e.path, e.outcome) for e in report] == [
        ("0", "native: tanh"), ("1", "wrapped: 1.0 and 1.2 share a tensor"), ("2", "native: log_softmax"),
    ]  # fmt: skip
    assert len(model.layers[1].find_params()) == 1


def test_a_module_inside_a_wrapped_one_stays_tied_to_it():
    foreign = Doubled()
    module = nn.Sequential(foreign.inner, foreign)
    model, report = reported(module)
    X = numbers(2, 4)

    assert [(e.path, e.reason) for e in report] == [("", "0 and 1 share a tensor")]
    assert difference(model.predict(X), module(torch.tensor(X))) <= 1e-6


def test_a_third_party_adds_its_class(monkeypatch):
    monkeypatch.setattr(registry, "_converters", dict(registry._converters))

    @converts(Doubled)
    def doubled(module, place):
        assert (place.path, place.sequences) == ("1", "arrays")
        inner = place.child("inner")
        return Part(chain(inner.layer, inner.layer), inner.view)

    module = nn.Sequential(nn.ReLU(), Doubled())
    model, report = reported(module)

    assert [entry.path for entry in report] == ["0", "1.inner"]
    X = torch.tensor(numbers(2, 4))
    inner = module[1].inner
    assert difference(model.predict(X.numpy()), inner(inner(X.relu()))) <= 1e-6


def test_a_converter_that_gives_up_leaves_nothing_behind(monkeypatch):
    monkeypatch.setattr(registry, "_converters", dict(registry._converters))

    @converts(Doubled)
    def doubled(module, place):
        place.child("inner")
        raise CantConvert("too deep")

    _, report = reported(nn.Sequential(Doubled()))

    assert [(e.path, e.outcome) for e in report] == [("0", "wrapped: too deep")]


def test_the_report_is_a_table():
    module = nn.Sequential(nn.Linear(3, 2), nn.PReLU())
    lines = str(reported(module)[1]).splitlines()

    assert lines[0].split() == ["path", "module", "parameters", "has", "become"]
    assert lines[1].split() == ["0", "Linear", "8", "native:", "linear"]
    assert lines[2].split() == ["1", "PReLU", "1", "wrapped:", "no", "converter", "for", "PReLU"]
    assert lines[3] == "1 native (8 parameters), 1 wrapped (1 parameters)"
    assert str(Report()).splitlines()[1] == "0 native (0 parameters), 0 wrapped (0 parameters)"


def test_ragged_refuses_what_takes_arrays():
    with pytest.raises(ConversionError, match=r'1 \(pytorch\) takes arrays.*sequences="arrays"'):
        from_torch(nn.Sequential(nn.Linear(3, 2), nn.PReLU()), sequences="ragged")
    with pytest.raises(ConversionError, match="last axis in 1 and the second one in 0"):
        from_torch(nn.Sequential(nn.Conv1d(3, 3, 1), nn.Linear(3, 2)), sequences="ragged")
    with pytest.raises(ConversionError, match="sequences='lists'"):
        from_torch(nn.Linear(3, 2), sequences="lists")


def test_what_comes_out_is_an_ordinary_model():
    model = chain(Linear(3, 4), from_torch(nn.Sequential(nn.Linear(3, 2), nn.Tanh())))
    X = numbers(5, 4)
    model.initialize(X=X)

    assert isinstance(model, Model)
    assert model.predict(X).shape == (5, 2)
    assert model.get_dim("nO") == 2
    assert not numpy.isnan(model.predict(X)).any()
