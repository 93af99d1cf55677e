"""A run that is stopped and taken up by a process with other ids goes on bit by bit."""

import os
import subprocess
import sys

import numpy
import pytest

from thinc.errors import LoadError
from thinc.layers.chain import chain
from thinc.layers.linear import Linear
from thinc.layers.relu import Relu
from thinc.optimizers import Adam, Lookahead
from thinc.schedules import decaying
from thinc.serialization.packing import dumps, loads

SCRIPT = """
import sys
import numpy, torch
from thinc.api import SWA, Adam, EMA, Linear, Lookahead, PyTorchWrapper, RAdam, Relu, chain, constant, decaying, plateau

task, folder, n_others, build = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
others = [Linear(2, 2) for _ in range(n_others)]  # they take ids
torch.manual_seed(0)
numpy.random.seed(0)
module = torch.nn.Sequential(torch.nn.Linear(4, 5), torch.nn.Tanh(), torch.nn.Linear(5, 3))
model = chain(Relu(4, 3), PyTorchWrapper(module), Linear(2, 3)).initialize()
optimizer = eval(build)
optimizer.add_group(model, "chain[1]", lr_scale=0.5)

def train(first, last):
    for i in range(first, last):
        X = numpy.random.default_rng(i).normal(size=(6, 3)).astype("f")
        Y, backprop = model.begin_update(X)
        backprop(Y - 1)
        model.finish_update(optimizer)
        optimizer.last_score = 1.0  # no progress: a plateau is noticed
        optimizer.step_schedules()

if task == "whole":
    train(0, 10)
elif task == "stop":
    train(0, 4)
else:
    model.from_disk(folder + "/model")
    with open(folder + "/optimizer", "rb") as file:
        optimizer.from_bytes(file.read(), model)
    train(4, 10)
if task == "stop":
    model.to_disk(folder + "/model")
    with open(folder + "/optimizer", "wb") as file:
        file.write(optimizer.to_bytes(model))
else:
    print(min(key[0] for key in optimizer.mom1), model.to_bytes().hex(), optimizer.to_bytes(model).hex())
"""


@pytest.mark.parametrize(
    "build",
    [
        "EMA(Lookahead(Adam(decaying(0.1, 0.5), L2=0.01), k=3), decay=0.5)",
        "SWA(RAdam(plateau(2, 0.5, constant(0.1))), start=3)",
    ],
)
def test_a_new_process_with_other_ids_goes_on_bit_by_bit(tmp_path, build):
    pytest.importorskip("torch", reason="torch is not installed")

    def run(task, n_others):
        command = [sys.executable, "-c", SCRIPT, task, str(tmp_path), str(n_others), build]
        return subprocess.run(
            command, capture_output=True, text=True, check=True, cwd=tmp_path, env=os.environ
        ).stdout.split()

    whole = run("whole", 0)
    run("stop", 3)
    resumed = run("go on", 7)
    assert whole[0] != resumed[0], "the ids are meant to differ"
    assert whole[1] == resumed[1] and whole[2] == resumed[2]


def test_native_and_wrapped_params_of_one_name_keep_moments_of_their_own():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    from thinc.layers.pytorchwrapper import PyTorchWrapper

    class Named(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.W, self.b = torch.nn.Parameter(torch.ones(2, 2)), torch.nn.Parameter(torch.ones(2))

        def forward(self, X):
            return X @ self.W + self.b

    model, optimizer = chain(Linear(2, 2), PyTorchWrapper(Named()), Linear(2, 2)).initialize(), Adam(0.1)
    Y, backprop = model.begin_update(numpy.ones((3, 2), "f"))
    backprop(numpy.ones_like(Y))
    model.finish_update(optimizer)
    assert len(optimizer.mom1) == 6 and set(optimizer.nr_update.values()) == {1}
    assert sorted(name for _, name in optimizer.mom1) == ["W", "W", "W", "b", "b", "b"]
    assert len({owner for owner, _ in optimizer.mom1}) == 3


def trained(build=lambda: Lookahead(Adam(0.1))):
    model, optimizer = chain(Relu(4, 3), Linear(2, 4)).initialize(), build()
    for i in range(3):
        Y, backprop = model.begin_update(numpy.random.default_rng(i).normal(size=(5, 3)).astype("f"))
        backprop(Y - 1)
        model.finish_update(optimizer)
    return model, optimizer


def test_the_state_finds_its_parameters_in_a_copy():
    model, optimizer = trained()
    twin = model.copy()
    resumed = Lookahead(Adam(0.1)).from_bytes(optimizer.to_bytes(model), twin)
    for node, copied in zip(model.walk(), twin.walk()):
        for name in node.param_names:
            for held, loaded in ((optimizer.mom1, resumed.mom1), (optimizer.averages, resumed.averages)):
                assert held[(node.id, name)].tobytes() == loaded[(copied.id, name)].tobytes()
    assert resumed.to_bytes(twin) == optimizer.to_bytes(model)


def test_what_belongs_to_another_model_is_left_out():
    model, optimizer = trained()
    optimizer((10**9, "W"), numpy.ones(3, "f"), numpy.ones(3, "f"))
    resumed = Lookahead(Adam(0.1)).from_bytes(optimizer.to_bytes(model), model)
    assert set(resumed.mom1) == set(optimizer.mom1) - {(10**9, "W")}


@pytest.mark.parametrize("case", ["other tree", "other shape", "no model", "needless model", "damaged"])
def test_a_state_that_does_not_fit_changes_nothing(case):
    model, optimizer = trained()
    data, other = optimizer.to_bytes(model), model
    if case == "other tree":
        other = Linear(2, 3).initialize()
    elif case == "other shape":
        other = chain(Relu(5, 3), Linear(2, 5)).initialize()
    elif case == "no model":
        other = None
    elif case == "needless model":
        data = optimizer.to_bytes()
    else:
        data = data[:-7]
    _, loading = trained()
    before = loading.to_bytes()
    with pytest.raises(LoadError):
        loading.from_bytes(data, other)
    assert loading.to_bytes() == before


@pytest.mark.parametrize(
    "name, entry",
    [
        ("mom1", [[0, "W"], numpy.ones(12, "int32")]),
        ("mom1", [[0, "W"], [1.0]]),
        ("nr_update", [[0, "W"], -1]),
        ("nr_update", [[0, "W"]]),
        ("nr_update", [[0.5, "W"], 1]),
        ("slow", [[9, "W"], numpy.ones(12, "f")]),
    ],
)
def test_a_damaged_entry_is_named(name, entry):
    model, optimizer = trained()
    before, state = optimizer.to_bytes(), loads(optimizer.to_bytes(model))
    state[name] = [entry, *state[name][1:]]
    with pytest.raises(LoadError, match=rf"optimizer\.{name}\[0\]"):
        optimizer.from_bytes(dumps(state), model)
    assert optimizer.to_bytes() == before


@pytest.mark.parametrize(
    "name, value, path",
    [
        ("step", "1", "optimizer.step"),
        ("rule", "adamx", "optimizer.rule"),
        ("version", 1, "optimizer.version"),
        ("last_score", [1, "x"], "optimizer.last_score"),
        ("settings", [], "optimizer.groups"),
        ("settings", [{"values": 1}], "optimizer.settings"),
        ("settings", [{"values": {}, "schedules": {}, "starts": {}}], "optimizer.settings"),
        ("mom2", [1], r"optimizer.mom2\[0\]"),
        ("more", 1, "optimizer"),
    ],
)
def test_a_damaged_part_is_named(name, value, path):
    _, optimizer = trained()
    state = {**loads(optimizer.to_bytes()), name: value}
    before = optimizer.to_bytes()
    with pytest.raises(LoadError, match=path):
        optimizer.from_bytes(dumps(state))
    assert optimizer.to_bytes() == before


@pytest.mark.parametrize("part, value", [("values", "fast"), ("starts", {"L2": 3}), ("starts", {"learn_rate": -1})])
def test_damaged_settings_are_named(part, value):
    optimizer = Adam(decaying(0.1, 0.5))
    state = loads(optimizer.to_bytes())
    settings = state["settings"][0]
    settings[part] = {**settings["values"], "eps": value} if part == "values" else value
    before = optimizer.to_bytes()
    with pytest.raises(LoadError, match="optimizer.(settings.eps|starts.L2|starts.learn_rate)"):
        optimizer.from_bytes(dumps(state))
    assert optimizer.to_bytes() == before


def test_mutated_bytes_are_loaded_whole_or_not_at_all():
    model, optimizer = trained(lambda: Adam(decaying(0.1, 0.5)))
    data, rng, refused = optimizer.to_bytes(model), numpy.random.default_rng(0), 0
    _, loading = trained(lambda: Adam(decaying(0.1, 0.5)))
    for _ in range(300):
        mutated = bytearray(data)
        for at in rng.integers(0, len(data), size=rng.integers(1, 4)):
            mutated[at] = rng.integers(0, 256)
        before = loading.to_bytes()
        try:
            loading.from_bytes(bytes(mutated), model)
        except LoadError:
            refused += 1
            assert loading.to_bytes() == before
    assert refused > 100
