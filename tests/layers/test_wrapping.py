"""Wrappers that watch a layer or move its data: they call what they promise and leave the rest alone."""

import importlib
import importlib.machinery
from contextlib import contextmanager

import numpy
import pytest

from thinc.api import (
    Dropout,
    Linear,
    NumpyOps,
    Ragged,
    Relu,
    chain,
    premap_ids,
    with_array,
    with_cpu,
    with_debug,
    with_flatten,
    with_nvtx_range,
    with_signpost_interval,
)
from thinc.model import Model

nvtx_module, signpost_module = (
    importlib.import_module(f"thinc.layers.{name}") for name in ("with_nvtx_range", "with_signpost_interval")
)
X = numpy.ones((2, 3), "f")
Y = numpy.ones((2, 4), "f")


def watched(events, layer=None):
    return with_debug(
        Linear(4, 3) if layer is None else layer,
        on_init=lambda *args: events.append(("init", *args)),
        on_forward=lambda *args: events.append(("forward", *args)),
        on_backprop=lambda *args: events.append(("backprop", *args)),
    )


def test_with_debug_calls_each_function_once():
    events = []
    layer = Linear(4, 3)
    model = watched(events, layer)
    assert model is layer and model.name == "linear"
    model.initialize(X=X, Y=Y)
    _, backprop = model(X, is_train=True)
    backprop(Y)
    assert [event[0] for event in events] == ["init", "forward", "backprop"]
    assert events[0][1] is model and events[0][2] is X and events[0][3] is Y
    assert events[1][1:] == (model, X, True) or events[1][2] is X
    assert events[2][1] is Y


def test_with_debug_can_be_nested_and_copied():
    outer, inner = [], []
    model = watched(outer, watched(inner)).initialize()
    other = model.copy()
    other.set_param("W", other.get_param("W") + 1)
    assert not numpy.array_equal(other.predict(X), model.predict(X))
    assert [event[1] for event in inner if event[0] == "forward"] == [other, model]
    assert len(outer) == len(inner) == 3


def test_with_debug_leaves_the_forward_callable_without_functions():
    model = with_debug(Linear(4, 3)).initialize()
    dX = model.begin_update(X)[1](Y)
    assert dX.shape == X.shape


def test_with_nvtx_range_marks_forward_and_backprop(monkeypatch):
    ranges = []

    @contextmanager
    def mark(message, color):
        ranges.append((message, color))
        yield
        ranges.append(message)

    monkeypatch.setattr(nvtx_module, "use_nvtx_range", mark)
    model = with_nvtx_range(Linear(4, 3), "mine", forward_color=1, backprop_color=2).initialize()
    _, backprop = model(X, is_train=True)
    assert ranges == [("mine forward", 1), "mine forward"]
    backprop(Y)
    assert ranges[2:] == [("mine backprop", 2), "mine backprop"]


class Signposter:
    def __init__(self):
        self.intervals = []

    @contextmanager
    def use_interval(self, message):
        self.intervals.append(message)
        yield


def test_with_signpost_interval_marks_all_three(monkeypatch):
    spec = importlib.machinery.ModuleSpec("os_signpost", None)
    monkeypatch.setattr(signpost_module, "find_spec", lambda name: spec)
    signposter = Signposter()
    model = with_signpost_interval(Linear(4, 3), signposter).initialize()
    model(X, is_train=True)[1](Y)
    assert signposter.intervals == ["linear init", "linear forward", "linear backprop"]


def test_with_signpost_interval_names_the_missing_package():
    with pytest.raises(ValueError, match="os_signpost") as caught:
        with_signpost_interval(Linear(), Signposter())
    assert isinstance(caught.value, ImportError)


class Device(NumpyOps):
    """A second device: it counts what is moved there."""

    moved = 0

    def asarray(self, data, dtype=None):
        self.moved += 1
        return super().asarray(data, dtype)


def test_with_cpu_moves_every_array_back_to_the_device():
    device = Device()
    model = with_cpu(with_array(Linear(4, 3)), device).initialize()
    assert model.ops is device and all(node.ops is not device for node in model.layers[0].walk())
    for batch, arrays in ((X, 1), ([X, X], 2), (Ragged(X, numpy.array([2], "i")), 2)):
        device.moved = 0
        Ys, backprop = model(batch, is_train=True)
        assert device.moved == arrays and type(Ys) is type(batch)
        dX = backprop(Ys)
        assert device.moved == 2 * arrays and type(dX) is type(batch)


def test_with_cpu_predicts_without_dropout():
    model = with_cpu(chain(Linear(4, 3), Dropout(0.999)), NumpyOps())
    model.initialize()
    assert model.predict(X).all()


def test_with_cpu_initializes_from_the_batch():
    model = with_cpu(Relu(), NumpyOps()).initialize(X, Y)
    assert model.layers[0].get_dim("nI") == 3 and model.layers[0].get_dim("nO") == 4


def test_with_flatten_initializes_its_layer_with_flat_data():
    seen = []
    layer = Model(
        "watch",
        lambda m, X, is_train: (numpy.ones((len(X), 4), "f"), lambda dY: []),
        init=lambda m, X, Y: seen.append((X, Y)),
    )
    with_flatten(layer).initialize([["a", "b"], ["c"]], [Y, Y[:1]])
    assert seen[0][0] == ["a", "b", "c"] and seen[0][1].shape == (3, 4)


def test_the_table_of_premap_ids_reads_like_a_dict():
    model = premap_ids({1: 2, 0: 5}, 9)
    table = model.attrs["mapping_table"]
    assert dict(table) == {1: 2, 0: 5} and table[1] == 2 and len(table) == 2 and repr(table) == "IdTable({1: 2, 0: 5})"
    assert model.copy().predict([0, 1, 7]).ravel().tolist() == [5, 2, 9]
