"""Training flags of a wrapped module are put back as they were, in every thread."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy
import pytest
import torch
from shims.nets import Calls, data, flags, net, noisy

from thinc.api import concatenate
from thinc.layers.pytorchwrapper import PyTorchWrapper
from thinc.shims.torch_modes import ModeGate


@pytest.mark.parametrize("is_train", [True, False])
@pytest.mark.parametrize("as_list", [True, False])
def test_flags_are_put_back(is_train, as_list):
    module = net()
    before = flags(module)
    model = PyTorchWrapper(module)
    model([data(5, 3)] if as_list else data(5, 3), is_train=is_train)
    assert flags(module) == before
    with pytest.raises(RuntimeError, match="cannot be multiplied"):
        model([data(5, 7)] if as_list else data(5, 7), is_train=is_train)
    assert flags(module) == before and torch.is_grad_enabled()


@pytest.mark.parametrize("state", ["train", "frozen part", "frozen root", "eval"])
def test_only_a_module_frozen_as_a_whole_is_trained_in_spite_of_it(state):
    seen = []
    part = torch.nn.Dropout(0.5)
    module = Calls(lambda drop, X: (seen.append((module.training, drop.training)), X)[1], part)
    if state != "train":
        module.eval() if state == "eval" else part.eval() if state == "frozen part" else setattr(
            module, "training", False
        )
    model, before = PyTorchWrapper(module), flags(module)
    for run in (model.begin_update, model.predict):
        run(data(2, 3))
        assert flags(module) == before
    in_training = {"train": (True, True), "frozen part": (True, False), "frozen root": (False, True)}
    assert seen == [in_training.get(state, (True, True)), (False, False)]


def test_a_frozen_part_keeps_its_statistics():
    module = noisy()
    module[1].eval()
    before = module[1].running_mean.clone()
    PyTorchWrapper(module).begin_update(data(5, 3))
    assert torch.equal(module[1].running_mean, before)
    module[1].train()
    PyTorchWrapper(module).begin_update(data(5, 3))
    assert not torch.equal(module[1].running_mean, before)


def test_parts_may_be_replaced_at_any_time():
    module = noisy()
    model, X = PyTorchWrapper(module), data(4, 3)
    model.predict(X)
    module[2] = torch.nn.Dropout(1.0)
    assert abs(model.predict(X)).sum() > 0
    Y, _ = model.begin_update(X)
    assert numpy.allclose(Y, module[3].bias.detach().numpy())
    module[2] = torch.nn.ReLU(inplace=True)
    assert model.predict(X).shape == (4, 2) and all(flags(module))


@pytest.mark.parametrize("as_list", [True, False])
def test_in_place_module_leaves_input_alone(as_list):
    X = data(4, 3)
    before = X.copy()
    model = PyTorchWrapper(torch.nn.ReLU(inplace=True))
    for run in (model.predict, model.begin_update):
        run([X] if as_list else X)
        assert numpy.array_equal(X, before)


@pytest.mark.parametrize("is_train", [True, False])
def test_a_module_may_call_its_own_layer(is_train):
    found = []

    def call(drop, X):
        if not found:
            found.append(None)
            found[0] = model(X.detach().numpy(), is_train=not is_train)[0]
        return drop(X)

    module = Calls(call, torch.nn.Dropout(0.5))
    model, X = PyTorchWrapper(module), numpy.ones((50, 3), "f")
    Y = model(X, is_train=is_train)[0]
    assert (Y == 0).any() == is_train and (found[0] == 0).any() != is_train and all(flags(module))


def test_8_threads_predict_what_one_does_while_another_trains():
    model, X = PyTorchWrapper(noisy()), data(7, 3)
    for part in model.shims[0]._model.modules():
        part.momentum = 0.0  # training would change the answers rightly
    wanted = model.predict(X).copy()

    def run(i):
        return sum(not numpy.array_equal(model.predict(X), wanted) for _ in range(100))

    stop = threading.Event()

    def train():
        while not stop.is_set():
            Y, backprop = model.begin_update(X)
            backprop(numpy.ones_like(Y))

    trainer = threading.Thread(target=train)
    trainer.start()
    try:
        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(run, range(8))) == 0
    finally:
        stop.set()
        trainer.join()
    assert all(flags(model.shims[0]._model))


@pytest.mark.parametrize("is_copy", [False, True])
def test_two_layers_of_one_module_wait_for_each_other(is_copy):
    inside, go, seen = threading.Event(), threading.Event(), []

    def call(drop, X):
        if inside.is_set():
            seen.append(drop.training)
            return drop(X)
        inside.set()
        assert go.wait(10)
        return drop(X)

    module = Calls(call, torch.nn.Dropout(0.5))
    pair = concatenate(PyTorchWrapper(module), PyTorchWrapper(module))
    first, second = (pair.copy() if is_copy else pair).layers
    X = numpy.ones((50, 3), "f")
    with ThreadPoolExecutor(2) as pool:
        training = pool.submit(first.begin_update, X)
        assert inside.wait(10)
        prediction = pool.submit(second.predict, X)
        wait_until(lambda: second.shims[0]._gate._waiting)
        assert not seen
        go.set()
        assert (training.result(10)[0] == 0).any() and (prediction.result(10) == 1).all()
    assert seen == [False] and all(flags(module))


def test_use_params_of_one_thread_is_never_seen_by_another():
    model, X = PyTorchWrapper(net()), data(5, 3)
    shim, before = model.shims[0], model.predict(X).copy()
    inside, answers = threading.Event(), []

    def other():
        inside.wait(10)
        answers.append(model.predict(X).copy())

    thread = threading.Thread(target=other)
    thread.start()
    with shim.use_params({(shim.id, "2.bias"): numpy.full(2, 9, "f")}):
        inside.set()
        with shim.use_params({(shim.id, "2.bias"): numpy.full(2, 5, "f")}):
            for _ in range(50):
                assert not numpy.allclose(model.predict(X), before)
        thread.join(0.05)
        assert thread.is_alive() and not answers  # it waits
    thread.join(10)
    assert numpy.array_equal(answers[0], before) and numpy.array_equal(model.predict(X), before)


def test_a_waiting_mode_is_not_starved():
    gate, module, order = ModeGate(), torch.nn.Dropout(), []

    def run(is_train):
        nested = gate.enter(module, is_train)
        order.append(module.training)
        gate.leave(nested)

    nested = gate.enter(module, False)
    threads = [threading.Thread(target=run, args=[is_train]) for is_train in (True, False)]
    for i, thread in enumerate(threads):
        thread.start()
        wait_until(lambda i=i: gate._waiting == i + 1)
    assert order == [] and module.training is False
    gate.leave(nested)
    for thread in threads:
        thread.join(10)
    assert sorted(order) == [False, True] and module.training


def wait_until(condition):
    for _ in range(1000):
        if condition():
            return
        time.sleep(0.01)
    raise TimeoutError


def test_gradients_of_threads_add_up():
    model, X = PyTorchWrapper(torch.nn.Linear(3, 2)), data(5, 3)

    def run(i):
        for _ in range(50):
            Y, backprop = model.begin_update(X)
            backprop(numpy.ones_like(Y))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(run, range(4)))
    assert model.shims[0]._model.bias.grad.tolist() == [1000.0, 1000.0]
