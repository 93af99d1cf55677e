"""Optimizers change the weights of torch modules as torch's own would."""

import numpy
import pytest
import torch
from shims.nets import Calls, data, net, tied

from thinc.api import SGD, Adam, chain
from thinc.layers.pytorchwrapper import PyTorchWrapper
from thinc.shims import Shim

X = data(5, 3)


def step(model, optimizer, X=X):
    Y, backprop = model.begin_update(X)
    backprop(2 * Y)
    model.finish_update(optimizer)


@pytest.mark.parametrize("make", [net, tied])
def test_adam_equals_torch(make):
    ours, theirs = make(), make()
    model, adam = PyTorchWrapper(ours), torch.optim.Adam(theirs.parameters(), 1e-3)
    optimizer = Adam(1e-3, grad_clip=0, L2=0, use_averages=False)
    for _ in range(100):
        step(model, optimizer)
        adam.zero_grad()
        (theirs(torch.from_numpy(X)) ** 2).sum().backward()
        adam.step()
    for mine, other in zip(ours.parameters(), theirs.parameters()):
        assert torch.allclose(mine, other, atol=1e-5)
        assert not mine.grad.any()


def test_gradients_accumulate():
    model = PyTorchWrapper(torch.nn.Linear(3, 2))
    for _ in range(2):
        Y, backprop = model.begin_update(X)
        backprop(numpy.ones_like(Y))
    assert numpy.allclose(model.shims[0]._model.bias.grad, 10)


def test_tied_weights_are_one_parameter():
    model, optimizer = PyTorchWrapper(tied()), Adam(0.1)
    step(model, optimizer)
    names = [name for _, name in optimizer.averages]
    assert names == ["0.weight", "0.bias", "1.bias"] == model.shims[0].param_names()
    assert model.shims[0]._model[0].weight is model.shims[0]._model[1].weight


def test_averages_reach_the_module_and_leave_it():
    model, optimizer = PyTorchWrapper(net()), Adam(0.1)
    for _ in range(3):
        step(model, optimizer)
    module = model.shims[0]._model
    before = module[0].weight.clone()
    with pytest.raises(KeyError), model.use_params(optimizer.averages):
        average = optimizer.averages[model.shims[0].id, "0.weight"]
        assert numpy.array_equal(module[0].weight.detach().numpy(), average)
        saved = model.to_bytes()
        raise KeyError
    assert torch.equal(module[0].weight, before)
    other = PyTorchWrapper(net()).from_bytes(saved)
    assert numpy.array_equal(other.shims[0]._model[0].weight.detach().numpy(), average)


def test_half_precision_weights_learn():
    module = torch.nn.Linear(3, 2).bfloat16()
    model = PyTorchWrapper(Calls(lambda inner, X: inner(X.bfloat16()), module))
    before, keys = module.weight.clone(), []
    step(model, lambda key, W, dW: (keys.append(W.dtype), W - 0.5 * dW)[1:] * 2)
    assert module.weight.dtype is torch.bfloat16 and not torch.equal(module.weight, before)
    assert keys == ["float32", "float32"] and not module.weight.grad.any()


def test_sparse_gradients_are_taken():
    module = torch.nn.Embedding(9, 2, sparse=True)
    model, before = PyTorchWrapper(module), module.weight.clone()
    step(model, SGD(0.1), numpy.array([1, 1, 4]))
    assert torch.equal((module.weight != before).any(1).nonzero().ravel(), torch.tensor([1, 4]))


def test_weights_of_any_memory_layout_learn():
    module = torch.nn.Linear(3, 2)
    module.weight = torch.nn.Parameter(module.weight.detach().T.contiguous().T)
    twin = torch.nn.Linear(3, 2)
    twin.load_state_dict(module.state_dict())
    first, second = PyTorchWrapper(module), PyTorchWrapper(twin)
    for model in (first, second):
        step(model, SGD(0.1))
    assert torch.allclose(module.weight, twin.weight, atol=1e-6) and not module.weight.is_contiguous()


def test_parameters_without_gradient_and_requires_grad_false_stay():
    module = net()
    module[0].weight.requires_grad_(False)
    before = module[0].weight.clone()
    model, optimizer = PyTorchWrapper(module), Adam(0.1)
    step(model, optimizer)
    assert torch.equal(module[0].weight, before) and len(optimizer.averages) == 3


def test_updating_weights_under_a_pending_callback_is_an_error():
    model = PyTorchWrapper(torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.Linear(3, 2)))
    Y, pending = model.begin_update(X)
    step(model, Adam(0.1))
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        pending(numpy.ones_like(Y))


def test_ids_of_shims_and_models_never_collide():
    models = [PyTorchWrapper(net()) for _ in range(3)]
    ids = [each for model in models for each in (model.id, model.shims[0].id, Shim(None).id)]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16], ids=["shared memory", "copies"])
def test_a_module_in_two_layers_makes_one_step(kind):
    def twin():
        torch.manual_seed(0)
        return Calls(lambda inner, X: inner(X.to(kind)).float(), torch.nn.Linear(3, 3).to(kind))

    shared, alone = twin(), twin()
    twice = Calls(lambda inner, X: inner(inner(X)), alone)
    pair, single = chain(PyTorchWrapper(shared), PyTorchWrapper(shared)), PyTorchWrapper(twice)
    optimizers = Adam(0.1, L2=0.1), Adam(0.1, L2=0.1)
    for is_new in (True, True, False, True):  # in between a step with zeros, which moves the moments on
        for model, optimizer in zip((pair, single), optimizers):
            if is_new:
                Y, backprop = model.begin_update(X)
                backprop(2 * Y)
            before = shared.parts[0].weight.clone()
            model.finish_update(optimizer)
            assert model is single or not torch.equal(before, shared.parts[0].weight)

    for mine, other in zip(shared.parameters(), alone.parameters()):
        assert torch.allclose(mine, other, atol=1e-6 if kind is torch.float32 else 2e-2)
    assert {key[0] for key in optimizers[0].averages} == {pair.layers[0].shims[0].id}


def test_the_layers_of_one_module_take_turns():
    module, calls = torch.nn.Linear(3, 2), []
    first, second = PyTorchWrapper(module), PyTorchWrapper(module)

    def note(key, W, dW):
        calls.append((key[0], bool(dW.any())))
        return W, numpy.zeros_like(dW)

    for model, other in ((first, second), (second, first)):
        step(model, note)
        other.finish_update(note)
        model.finish_update(note)
    ids = [model.shims[0].id for model in (first, second)]
    assert calls[::2] == calls[1::2]  # weight and bias
    assert calls[::2] == [(ids[0], True), (ids[0], False), (ids[1], True), (ids[1], False)]


def test_a_copy_of_two_layers_of_one_module_shares_it_too():
    module = torch.nn.Linear(3, 3)
    pair = chain(PyTorchWrapper(module), PyTorchWrapper(module))
    copied = pair.copy()
    first, second = (layer.shims[0] for layer in copied.layers)
    assert first._model is second._model is not module and first.id != second.id
    before = module.weight.clone()
    step(copied, SGD(0.1))
    step(pair, SGD(0.1))
    assert numpy.array_equal(pair.predict(X), copied.predict(X)) and not torch.equal(module.weight, before)


def test_what_is_frozen_in_one_layer_of_a_module_is_frozen_in_the_other():
    module = torch.nn.Linear(3, 3)
    pair = chain(PyTorchWrapper(module), PyTorchWrapper(module))
    for layer in range(2):
        weight, bias = module.weight.clone(), module.bias.clone()
        pair.freeze(f"chain[{layer}] > *.weight")
        step(pair, SGD(0.1))
        assert torch.equal(module.weight, weight) and not torch.equal(module.bias, bias)
        pair.unfreeze()
    step(pair, SGD(0.1))
    assert not torch.equal(module.weight, weight)
