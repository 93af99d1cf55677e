"""Wrapped torch modules are saved without pickle, and published files are still read."""

import copy
import io
import pickle
import resource
import struct
import zipfile

import numpy
import pytest
import torch
from shims.nets import Calls, data, net, noisy, tied

from thinc.api import Adam, Linear, chain
from thinc.errors import LoadError, MissingFrameworkError
from thinc.layers.pytorchwrapper import PyTorchWrapper, PyTorchWrapper_v3
from thinc.serialization.packing import dumps, loads
from thinc.shims import PyTorchShim, torch_arrays
from thinc.shims.pytorch import default_deserialize_torch_model, default_serialize_torch_model

X = data(5, 3)


def published(module, **config):
    """The blob of a shim as thinc 8.3.14 writes it."""
    data = io.BytesIO()
    torch.save(module.state_dict(), data)
    return dumps({"config": config, "state": data.getvalue()})


def changed(module):
    with torch.no_grad():
        for value in module.state_dict().values():
            value += 1
    return module


def same_state(a, b):
    a, b = a.state_dict(), b.state_dict()
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


@pytest.mark.parametrize("make", [net, noisy, tied, lambda: net().bfloat16(), lambda: net().double()])
def test_weights_and_buffers_round_trip(make):
    shim, other = PyTorchWrapper(make()).shims[0], PyTorchWrapper(changed(make())).shims[0]
    other.from_bytes(shim.to_bytes())
    assert same_state(other._model, make())


def test_tied_weights_are_saved_once_and_stay_tied():
    shim = PyTorchWrapper(tied()).shims[0]
    rows = loads(shim.to_bytes())["tensors"]
    assert [row[0] for row in rows] == ["0.weight", "0.bias", "1.bias"]
    shim.from_bytes(shim.to_bytes())
    assert shim._model[1].weight is shim._model[0].weight


@pytest.mark.parametrize("dtype", [torch.float8_e4m3fn, torch.complex64, torch.int16, torch.bool, torch.float16])
def test_every_dtype_keeps_its_bits(dtype):
    value = torch.arange(256, dtype=torch.uint8).view(dtype) if dtype.itemsize == 1 else torch.arange(6).to(dtype)
    if dtype is torch.bool:
        value = torch.tensor([True, False])
    module = torch.nn.Module()
    module.register_buffer("value", value.clone())
    shim = PyTorchWrapper(module).shims[0]
    blob = shim.to_bytes()
    module.value.zero_()
    shim.from_bytes(blob)
    assert torch.equal(module.value.view(torch.uint8), value.view(torch.uint8))


def test_compiling_leaves_no_trace_in_the_file():
    plain = PyTorchWrapper(net())
    compiled = PyTorchWrapper(torch.compile(changed(net()), backend="eager"))
    compiled.from_bytes(plain.to_bytes())
    assert compiled.shims[0].to_bytes() == plain.shims[0].to_bytes()
    assert numpy.allclose(compiled.predict(X), plain.predict(X))


@pytest.mark.parametrize("make", [net, noisy, tied])
def test_published_files_are_read(make):
    model = PyTorchWrapper(changed(make()))
    message = loads(model.to_bytes())
    message["shims"] = [[published(make(), note=1)]]
    model.from_bytes(dumps(message))
    assert same_state(model.shims[0]._model, make()) and model.shims[0].cfg == {"note": 1}


class Harmful:
    def __reduce__(self):
        return (exec, ("raise SystemExit('code in a file was run')",))


def compressed(data):
    found = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, old.read(entry) + bytes(10**6))
    return found.getvalue()


def test_bad_published_files_change_nothing():
    shim = PyTorchWrapper(net()).shims[0]
    before, good = shim.to_bytes(), loads(published(net()))["state"]
    harmful, values = io.BytesIO(), net().state_dict()
    torch.save(Harmful(), harmful)
    few = {name: value for name, value in values.items() if name != "0.bias"}
    states = [b"", good[:100], good[:-30], compressed(good), harmful.getvalue(), pickle.dumps(Harmful())]
    for bad in (few, {**values, "more": torch.ones(1)}, {**values, "0.bias": torch.ones(5)}, [1], {1: 2}):
        states.append(io.BytesIO())
        torch.save(bad, states[-1])
    states.append(io.BytesIO())
    torch.save({**values, "0.bias": values["0.bias"].double()}, states[-1])
    for state in states:
        state = state if isinstance(state, bytes) else state.getvalue()
        with pytest.raises(LoadError):
            shim.from_bytes(dumps({"config": {}, "state": state}))
        assert shim.to_bytes() == before


class SetItem:
    """A pickle that sets an item of a list as if it were a dict (CVE-2026-24747)."""

    def __reduce__(self):
        return (list, (), None, None, iter([("a", 1)]))


def rewritten(data, change):
    """The archive with `change(name, content)` for the content of each file; nothing is compressed."""
    found = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(found, "w", zipfile.ZIP_STORED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, change(entry.filename, old.read(entry)))
    return found.getvalue()


def lying_bomb(data, size=40_000_000):
    """A compressed archive that says in its directory that the contents are small."""
    bomb, sizes = io.BytesIO(), set()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            content = old.read(entry)
            if "/data/" in entry.filename:
                sizes.add(len(content))
                content += bytes(size)
            new.writestr(entry.filename, content)
    lying = bomb.getvalue()
    for small in sizes:
        lying = lying.replace(struct.pack("<I", size + small), struct.pack("<I", small))
    return lying


def test_hostile_published_files_are_neither_run_nor_inflated():
    shim = PyTorchWrapper(net()).shims[0]
    before, good = shim.to_bytes(), loads(published(net()))["state"]
    states = {
        "a storage cut short": rewritten(good, lambda name, data: data[:-4] if name.endswith("/data/0") else data),
        "an item of a list": rewritten(
            good, lambda name, data: pickle.dumps(SetItem(), 2) if name.endswith(".pkl") else data
        ),
        "a pickle of code": rewritten(
            good, lambda name, data: pickle.dumps(Harmful(), 2) if name.endswith(".pkl") else data
        ),
        "a bomb that lies": lying_bomb(good),
    }
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for name, state in states.items():
        with pytest.raises(LoadError):
            shim.from_bytes(dumps({"config": {}, "state": state}))
        assert shim.to_bytes() == before, name
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak < 100_000  # KB


def test_an_old_torch_is_told_to_upgrade(monkeypatch):
    shim = PyTorchWrapper(net()).shims[0]
    monkeypatch.setattr(torch, "__version__", "2.9.1+cpu")
    with pytest.raises(LoadError, match=r"pip install 'torch>=2.10'"):
        shim.from_bytes(published(net()))
    shim.from_bytes(shim.to_bytes())  # the safe format needs no newer one


def test_ones_own_format_is_used_both_ways():
    calls = []

    def serialize(module):
        calls.append("serialize")
        return module[0].bias.detach().numpy().tobytes()

    def deserialize(module, state, device):
        calls.append((len(state), device.type))
        if len(state) != 16:
            raise RuntimeError("cut")
        with torch.no_grad():
            module[0].bias.copy_(torch.frombuffer(bytearray(state), dtype=torch.float32))
        return module

    model = PyTorchWrapper_v3(net(), serialize_model=serialize, deserialize_model=deserialize)
    blob = model.shims[0].to_bytes()
    other = PyTorchWrapper_v3(changed(net()), serialize_model=serialize, deserialize_model=deserialize)
    other.shims[0].from_bytes(blob)
    assert calls[0] == "serialize" and calls[-1] == (16, "cpu")
    assert torch.equal(other.shims[0]._model[0].bias, net()[0].bias)
    with pytest.raises(LoadError, match="deserialize_model failed: cut"):
        other.shims[0].from_bytes(dumps({"config": {}, "state": b"short"}))


def test_the_published_format_can_still_be_written():
    model = PyTorchWrapper_v3(
        net(),
        serialize_model=lambda module: default_serialize_torch_model(module),
        deserialize_model=lambda *args: default_deserialize_torch_model(*args),
    )
    state = loads(model.shims[0].to_bytes())["state"]
    assert state.startswith(b"PK") and same_state(
        default_deserialize_torch_model(changed(net()), state, torch.device("cpu")), net()
    )
    PyTorchWrapper(changed(net())).shims[0].from_bytes(model.shims[0].to_bytes())


def test_extra_state_is_left_to_torch():
    class Counting(torch.nn.Linear):
        count = 0

        def get_extra_state(self):
            return {"count": self.count}

        def set_extra_state(self, state):
            self.count = state["count"]

    shim, other = PyTorchWrapper(Counting(3, 2)).shims[0], PyTorchWrapper(Counting(3, 2)).shims[0]
    shim._model.count = 7
    other.from_bytes(shim.to_bytes())
    assert other._model.count == 7 and same_state(
        torch.nn.Sequential(*other._model.children()), torch.nn.Sequential(*shim._model.children())
    )
    assert torch.equal(other._model.weight, shim._model.weight)


def test_a_wrapped_model_can_be_pickled_and_deep_copied():
    model = chain(Linear(3, 3), PyTorchWrapper(net())).initialize(X=X)
    Y = model.predict(X)
    for other in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model), model.copy()):
        assert numpy.array_equal(other.predict(X), Y)
        _, backprop = other.begin_update(X)
        backprop(numpy.ones_like(Y))
        other.finish_update(Adam(0.1))
        assert not numpy.allclose(other.predict(X), Y) and numpy.array_equal(model.predict(X), Y)


def test_a_missing_torch_is_named(monkeypatch):
    monkeypatch.setattr(torch_arrays, "_torch", None)
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    with pytest.raises(MissingFrameworkError, match=r"pip install 'thinc\[torch\]'"):
        PyTorchShim(None)


def test_a_whole_model_goes_to_disk_and_back(tmp_path):
    model, other = (chain(Linear(3, 3), PyTorchWrapper(Calls(lambda n, X: n(X), noisy()))) for _ in range(2))
    model.initialize(X=X), other.initialize(X=X)
    model.begin_update(X)  # moves the statistics
    model.to_disk(tmp_path / "model.thinc")
    other.from_disk(tmp_path / "model.thinc")
    assert numpy.array_equal(other.predict(X), model.predict(X))
