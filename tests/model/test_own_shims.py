"""Shims and subclasses of models that others write, some of them for the published library."""

import pytest
import torch
from model.samples import forward, linear

from thinc.api import Model, PyTorchWrapper, Shim, chain
from thinc.errors import DeviceError, LoadError
from thinc.interop import Framework
from thinc.types import ArgsKwargs


class Published(Model):
    """A subclass whose methods have the arguments of the published library."""

    def from_bytes(self, bytes_data):
        return super().from_bytes(bytes_data)

    def from_dict(self, msg):
        self.attrs["seen"] = True
        return super().from_dict(msg)


def test_a_subclass_that_knows_no_options_of_loading_is_loaded(tmp_path):
    model = Published("mine", forward)
    model.to_disk(tmp_path / "mine")
    assert "seen" in model.from_disk(tmp_path / "mine").attrs
    with pytest.raises(TypeError, match="strict"):
        model.from_disk(tmp_path / "mine", strict=True)


class Silent(Shim):
    """A shim of the published interface: bytes and calls, nothing else."""

    def to_bytes(self):
        return bytes(self._model)

    def from_bytes(self, data):
        if not data.startswith(b"ok"):
            raise OSError("not mine")
        self._model = data
        return self

    def finish_update(self, optimizer):
        pass


def silent(data=b"ok"):
    return Model("silent", forward, shims=[Silent(data)])


def test_a_shim_that_can_only_load_is_put_back_when_the_next_one_fails():
    model = chain(silent(b"ok 1"), silent(b"ok 2"))
    message = model.to_dict()
    message["shims"][1], message["shims"][2] = [b"ok 3"], [b"broken"]
    with pytest.raises(LoadError, match=r"shims\[0\].*the shim refuses the data"):
        model.from_dict(message)
    assert [layer.shims[0]._model for layer in model.layers] == [b"ok 1", b"ok 2"]
    message["shims"][2] = [b"ok 4"]
    assert [layer.shims[0]._model for layer in model.from_dict(message).layers] == [b"ok 3", b"ok 4"]


def test_a_summary_counts_nothing_of_a_shim_that_can_not_say():
    assert [row.parameters for row in chain(silent(), linear()).summary().rows] == [0, 0, 8]


@pytest.mark.parametrize("name, args", [("forward", (1, False)), ("read", ()), ("read_grads", ()), ("write", ({},))])
def test_a_shim_without_its_primitives_says_so(name, args):
    with pytest.raises(NotImplementedError):
        getattr(Shim(None), name)(*args)


def test_a_shim_is_called_for_prediction_and_for_training():
    shim = PyTorchWrapper(torch.nn.Linear(2, 2)).shims[0]
    X = ArgsKwargs((torch.ones(1, 2),), {})
    Y, backprop = shim.begin_update(X)
    assert torch.equal(shim.predict(X), Y) and callable(backprop)


def test_shims_stay_on_the_cpu_unless_they_know_better():
    class Bound(Silent):
        framework = Framework("numpy", "numpy.from_dlpack")

    shim = Bound(b"")
    shim.to_cpu()
    with pytest.raises(DeviceError, match="Bound can't move to 'gpu'. Use 'cpu'"):
        shim.to_gpu(0)
    with pytest.raises(NotImplementedError, match="Silent names no framework"):
        Silent(b"").to_cpu()


def test_a_shim_in_two_places_is_copied_once():
    shim = PyTorchWrapper(torch.nn.Linear(2, 2)).shims[0]
    twin = chain(Model("a", forward, shims=[shim]), Model("b", forward, shims=[shim])).copy()
    assert twin.layers[0].shims[0] is twin.layers[1].shims[0] is not shim


class Staged(Silent):
    """Checks its bytes before it takes them."""

    def stage_bytes(self, data):
        if data == b"late":
            raise LoadError("tensors", "are too many")
        if not data.startswith(b"ok"):
            raise OSError("not mine")
        return lambda: setattr(self, "_model", data)


class Both(Staged):
    """Its own loading is the newer one."""

    def from_bytes(self, data):
        return super().from_bytes(data)


@pytest.mark.parametrize(
    "kind, data, reason",
    [
        (Staged, b"late", r"nodes\[0\].shims\[0\].tensors: are too many"),
        (Staged, b"broken", r"nodes\[0\].shims\[0\]: the shim refuses the data \(OSError"),
        (Both, b"broken", r"nodes\[0\].shims\[0\]: the shim refuses the data \(OSError"),
        (Staged, "text", "expected bytes"),
    ],
)
def test_a_shim_that_checks_its_bytes_refuses_them_before_the_first_change(kind, data, reason):
    model = Model("own", forward, shims=[kind(b"ok 1")], attrs={"x": 1})
    message = Model("own", forward, shims=[kind(b"ok 1")], attrs={"x": 2}).to_dict()
    message["shims"][0] = [data]
    with pytest.raises(LoadError, match=reason):
        model.from_dict(message)
    assert model.attrs["x"] == 1 and model.shims[0]._model == b"ok 1"
    message["shims"][0] = [b"ok 3"]
    assert model.from_dict(message).attrs["x"] == 2 and model.shims[0]._model == b"ok 3"
