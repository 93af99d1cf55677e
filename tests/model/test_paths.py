"""Paths name every node and parameter once, and freezing by them holds for every optimizer and framework."""

import numpy
import pytest
import torch

from thinc.layers.chain import chain
from thinc.layers.concatenate import concatenate
from thinc.layers.gelu import Gelu
from thinc.layers.linear import Linear
from thinc.layers.pytorchwrapper import PyTorchWrapper
from thinc.layers.with_array import with_array
from thinc.model import Model, path_of
from thinc.optimizers import SGD, Adam, AdamW, Lion, Lookahead, RAdam
from thinc.shims import PyTorchShim, Shim


def mixed(seed=0):
    torch.manual_seed(seed)
    numpy.random.seed(seed)
    module = torch.nn.Sequential(torch.nn.Linear(4, 5), torch.nn.Tanh(), torch.nn.Linear(5, 3))
    model = chain(Linear(4, 3), PyTorchWrapper(module), with_array(chain(Gelu(4, 3), Linear(2, 4))))
    X = numpy.random.default_rng(seed).normal(size=(6, 3)).astype("f")
    return model.initialize(X=X), X


def all_values(model):
    """Path -> bytes of the parameter, native and wrapped."""
    found = {}
    for path, (owner, name) in model.find_params().items():
        for node in model.walk():
            if node.id == owner:
                found[path] = node.get_param(name).tobytes()
            for shim in node.shims:
                if shim.id == owner:
                    found[path] = dict(shim._model.named_parameters())[name].detach().numpy().tobytes()
    return found


def train(model, X, optimizer, steps=3):
    for _ in range(steps):
        Y, backprop = model.begin_update(X)
        backprop(numpy.ones_like(Y))
        model.finish_update(optimizer)
        optimizer.step_schedules()


def test_paths_are_those_of_the_tree():
    model, _ = mixed()
    assert list(model.find_params()) == [
        "chain[0] > linear.W",
        "chain[0] > linear.b",
        "chain[1] > pytorch.0.weight",
        "chain[1] > pytorch.0.bias",
        "chain[1] > pytorch.2.weight",
        "chain[1] > pytorch.2.bias",
        "chain[2] > with_array[0] > chain[0] > gelu.W",
        "chain[2] > with_array[0] > chain[0] > gelu.b",
        "chain[2] > with_array[0] > chain[1] > linear.W",
        "chain[2] > with_array[0] > chain[1] > linear.b",
    ]
    assert path_of(model, model) == "chain"
    assert path_of(model, model.layers[2]) == "chain[2] > with_array"
    assert path_of(model, Linear()) == "linear"


def test_combinators_are_called_by_what_they_are():
    assert path_of(concatenate(Linear(), Gelu()), None or Linear()) == "linear"
    pair = concatenate(chain(Linear(), Gelu()), Gelu())
    assert path_of(pair, pair) == "concatenate"
    assert path_of(pair, pair.layers[0].layers[1]) == "concatenate[0] > chain[1] > gelu"
    named = chain(Linear(), Gelu())
    named.name = "encoder"
    assert path_of(named, named.layers[0]) == "encoder[0] > linear"


@pytest.mark.parametrize(
    "pattern, count",
    [
        ("*", 10),
        ("chain", 10),
        ("chain[1]", 4),
        ("chain[1]>pytorch", 4),
        ("chain[1] > pytorch.0", 2),
        ("chain[1] > pytorch.0.weight", 1),
        ("*.b", 3),
        ("*linear*", 4),
        ("chain[?] > linear.W", 1),
        ("*with_array*.W", 2),
        ("chain[2]>with_array[0]>chain[1]", 2),
        ("chain[2] > *", 4),
    ],
)
def test_a_pattern_fits_what_it_says(pattern, count):
    assert len(mixed()[0].find_params(pattern)) == count


@pytest.mark.parametrize("pattern", ["gelu", "chain[3]", "chain[1] > pytorch.weight", "", "chain[2] > with"])
def test_a_pattern_that_fits_nothing_is_an_error_that_shows_the_paths(pattern):
    model, _ = mixed()
    for method in (model.find_params, model.freeze, model.unfreeze):
        with pytest.raises(ValueError, match=r"chain\[0\] > linear.W"):
            method(pattern)


def test_a_layer_that_occurs_twice_has_one_path():
    shared = Linear(3, 3)
    model = chain(shared, Gelu(3, 3), shared)
    assert [path for path in model.find_params() if "linear" in path] == ["chain[0] > linear.W", "chain[0] > linear.b"]


BUILDERS = [
    lambda: Adam(0.1, L2=0.1),
    lambda: AdamW(0.1),
    lambda: RAdam(0.1),
    lambda: SGD(0.1, momentum=0.9),
    lambda: Lion(0.1, L2=0.1),
    lambda: Lookahead(SGD(0.1), k=2),
]


@pytest.mark.parametrize("build", BUILDERS)
@pytest.mark.parametrize("pattern", ["chain[0]", "chain[1]", "*.0.weight", "*with_array*.W", "*"])
def test_not_a_byte_of_a_frozen_weight_changes_and_no_moment_is_kept(build, pattern):
    model, X = mixed()
    optimizer = build()
    train(model, X, optimizer, 2)
    frozen = model.find_params(pattern)
    assert model.freeze(pattern) is model
    before = all_values(model)
    train(model, X, optimizer)
    after = all_values(model)
    assert {path for path in before if before[path] == after[path]} == set(frozen)
    for held in (optimizer.mom1, optimizer.mom2, optimizer.slow, optimizer.averages, optimizer.nr_update):
        assert not set(held) & set(frozen.values())
    assert model.unfreeze(pattern) is model
    train(model, X, optimizer)
    assert all(value != after[path] for path, value in all_values(model).items())


def test_freezing_does_not_stop_the_gradient():
    model, X = mixed()
    expected = model.begin_update(X)[1](numpy.ones((6, 2), "f"))
    twin = model.copy()
    twin.freeze("chain[1]")
    assert numpy.array_equal(twin.begin_update(X)[1](numpy.ones((6, 2), "f")), expected)


def test_unfreezing_applies_no_old_gradient():
    model, X = mixed()
    model.freeze()
    train(model, X, SGD(0.1))
    model.unfreeze()
    before = all_values(model)
    model.finish_update(SGD(0.1))
    assert all_values(model) == before


def test_a_copy_is_frozen_on_its_own():
    model, X = mixed()
    model.freeze("chain[0]")
    twin = model.copy()
    model.unfreeze()
    before = all_values(twin)
    train(twin, X, Adam(0.1))
    assert [p for p, value in all_values(twin).items() if value == before[p]] == list(twin.find_params("chain[0]"))


def test_freezing_works_with_any_callable():
    model = Model("a", lambda model, X, is_train: (X, lambda dY: dY), params={"W": numpy.ones(2, "f")})
    model.set_grad("W", numpy.ones(2, "f"))
    assert not model.is_frozen("W")
    model.freeze("a.W")
    assert model.is_frozen("W")
    model.finish_update(lambda key, weights, gradient: pytest.fail("a frozen parameter reached the optimizer"))
    assert model.get_grad("W").tolist() == [0, 0]


def test_buffers_of_a_wrapped_model_are_no_parameters():
    model = chain(Linear(4, 3), PyTorchWrapper(torch.nn.BatchNorm1d(4)))
    assert list(model.find_params("chain[1]")) == ["chain[1] > pytorch.weight", "chain[1] > pytorch.bias"]


def test_a_shim_that_cannot_name_its_parameters_has_no_paths():
    model = Model("a", lambda model, X, is_train: (X, lambda dY: dY), shims=[Shim(None)], params={"W": None})
    assert list(model.find_params()) == ["a.W"]


def test_each_of_several_shims_has_paths_of_its_own():
    shims = [PyTorchShim(torch.nn.Linear(1, 1, bias=False)) for _ in range(2)]
    model = Model("a", lambda model, X, is_train: (X, lambda dY: dY), shims=shims)
    assert model.find_params() == {f"a.shims[{j}].weight": (shim.id, "weight") for j, shim in enumerate(shims)}
    model.freeze("a.shims[1]")
    for shim in shims:
        shim._model.weight.grad = torch.ones(1, 1)
    seen = []
    model.finish_update(lambda key, weights, gradient: (seen.append(key), (weights, gradient))[1])
    assert seen == [(shims[0].id, "weight")]
