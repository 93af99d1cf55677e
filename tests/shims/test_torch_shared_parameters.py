"""Layers around two torch modules that hold the same parameters."""

import copy

import numpy
import pytest
import torch
from shims.nets import Calls, data

from thinc.api import SGD, Adam, chain
from thinc.layers.pytorchwrapper import PyTorchWrapper

X = data(5, 3)


def network():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.Tanh(), torch.nn.Linear(3, 3))


def whole_and_part():
    net = network()
    return net, net[2]


def part_and_whole():
    net = network()
    return net[2], net


def two_of_one_weight():
    first, second = network(), network()
    second[0].weight = first[2].weight
    return first, second


@pytest.fixture(params=[whole_and_part, part_and_whole, two_of_one_weight])
def modules(request):
    return request.param()


def layers(modules):
    return chain(*(PyTorchWrapper(module) for module in modules))


def alone(modules):
    """One layer that computes what the chain of both does; its module holds every parameter once."""
    return PyTorchWrapper(Calls(lambda first, second, X: second(first(X)), *copy.deepcopy(modules)))


def shared_names(first, second):
    """How each module calls what both have."""
    mine, theirs = ({id(value): name for name, value in module.named_parameters()} for module in (first, second))
    return [(mine[each], theirs[each]) for each in mine if each in theirs]


def step(model, optimizer):
    Y, backprop = model.begin_update(X)
    backprop(2 * Y)
    model.finish_update(optimizer)


def held(model):
    return [layer.shims[0]._model for layer in model.layers]


def test_each_parameter_makes_one_step_with_the_sum_of_its_gradients(modules):
    both, single = layers(modules), alone(modules)
    optimizers = Adam(0.01, L2=0.1), Adam(0.01, L2=0.1)
    for model, optimizer in zip((both, single), optimizers):
        step(model, optimizer)
        step(model, optimizer)
        model.finish_update(optimizer)  # with zeros, which move the moments on
        step(model, optimizer)

    assert numpy.allclose(both.predict(X), single.predict(X), atol=1e-6)
    assert len(optimizers[0].averages) == len(optimizers[1].averages)
    with both.use_params(optimizers[0].averages), single.use_params(optimizers[1].averages):
        averaged = both.predict(X)
        assert numpy.allclose(averaged, single.predict(X), atol=1e-6)
    assert not numpy.allclose(averaged, both.predict(X), atol=1e-6)


def test_a_copy_shares_them_too(modules):
    both = layers(modules)
    copied = both.copy()
    before = both.predict(X)

    assert shared_names(*held(copied)) == shared_names(*modules) != []
    step(copied, SGD(0.1))
    assert numpy.array_equal(both.predict(X), before)
    step(both, SGD(0.1))
    assert numpy.array_equal(both.predict(X), copied.predict(X))
    assert not numpy.array_equal(both.predict(X), before)


def test_a_file_brings_them_back_to_a_copy(modules):
    both = layers(modules)
    copied = both.copy()
    step(both, SGD(0.1))

    copied.from_bytes(both.to_bytes())

    assert numpy.array_equal(both.predict(X), copied.predict(X))
    assert shared_names(*held(copied)) == shared_names(*modules)


@pytest.mark.parametrize("layer", [0, 1])
def test_frozen_through_one_module_they_are_frozen_in_the_other(modules, layer):
    both = layers(modules)
    shared = [names[layer] for names in shared_names(*modules)]
    for name in shared:
        both.freeze(f"chain[{layer}] > *.{name}")
    before = {key: value.clone() for i in (0, 1) for key, value in _named(modules[i], i)}

    step(both, SGD(0.1))

    stayed = [key for i in (0, 1) for key, value in _named(modules[i], i) if torch.equal(value, before[key])]
    assert sorted(stayed) == sorted((i, names[i]) for names in shared_names(*modules) for i in (0, 1))
    both.unfreeze()
    step(both, SGD(0.1))
    assert not any(torch.equal(value, before[key]) for i in (0, 1) for key, value in _named(modules[i], i))


def _named(module, number):
    return [((number, name), value) for name, value in module.named_parameters()]
