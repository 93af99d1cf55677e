"""The tests that every shim passes; a test file gives the fixture `sample`."""

import gc
import re
import weakref

import numpy
import pytest
from shims.samples import W, batch, close, formula

from thinc.api import SGD, Adam
from thinc.config import registry
from thinc.errors import BackpropError, ContainerError, LoadError, ShapeError
from thinc.layers import FrameworkWrapper
from thinc.serialization.packing import dumps, loads
from thinc.shims import Shim, named_tensors
from thinc.testing.slopes import slopes


def give(shim, values):
    """Copies of the tensors as arrays of float64."""
    return {name: numpy.array(shim.framework.give(value, numpy), dtype="d") for name, value in values.items()}


def set_values(shim, values):
    mine = shim.read()
    shim.write({n: shim.framework.cast(shim.framework.take(v.astype("f")), mine[n]) for n, v in values.items()})


def step(model, X, optimizer):
    Y, backprop = model.begin_update(X)
    backprop(numpy.ones_like(Y))
    model.finish_update(optimizer)


class ShimContract:
    """Inherit, and define a fixture `sample`."""

    def test_values_are_those_of_the_formula(self, sample):
        model = sample.make()
        for size in (1, 4) + (0,) * sample.has_zero_size:
            X = batch(size)
            assert close(model.predict(X), formula(X))
            Y, backprop = model.begin_update(X)
            assert close(Y, formula(X)) and Y.dtype == X.dtype
            assert backprop(numpy.ones_like(Y)).shape == X.shape

    def test_gradients_are_slopes(self, sample):
        model, X = sample.make(), batch()
        shim, dY = model.shims[0], numpy.random.default_rng(1).normal(size=(4, 2)).astype("f")

        def loss():
            set_values(shim, values)
            return float((model.predict(X).astype("d") * dY).sum())

        values = give(shim, shim.read())
        Y, backprop = model.begin_update(X)
        dX = backprop(dY)
        grads = give(shim, shim.read_grads())
        assert set(grads) == set(shim.param_names()) and type(dX) is numpy.ndarray
        assert close(dX, slopes(loss, X), 1e-3)
        for name, grad in grads.items():
            assert close(grad, slopes(loss, values[name], 1e-2), 1e-3)

    def test_gradients_add_up_and_are_forgotten_once_read(self, sample):
        model, X = sample.make(), batch()
        shim, read = model.shims[0], []
        for count in (1, 2):
            for _ in range(count):
                Y, backprop = model.begin_update(X)
                backprop(numpy.ones_like(Y))
            read.append(give(shim, shim.read_grads()))
        assert all(close(read[1][name], 2 * grad) for name, grad in read[0].items())
        assert shim.read_grads() == {}

    def test_nested_values_go_in_and_out(self, sample):
        model, X, ids = sample.nested(), batch(), numpy.arange(4, dtype="i")
        wanted = formula(X)
        for outputs, factor in ((model.predict((X, ids, True, None)), 2), (model.predict((X, ids, False, None)), 1)):
            assert list(outputs) == ["y", "more", "ids"] and outputs["more"][1:] == (None, 3)
            assert close(outputs["y"], wanted) and close(outputs["more"][0], factor * wanted)
            assert outputs["ids"].tolist() == [0, 1, 2, 3] and outputs["ids"].dtype == "i"

    def test_gradients_have_the_structure_of_the_input(self, sample):
        model, X, ids = sample.nested(), batch(), numpy.arange(4, dtype="i")
        slope = 1 - formula(X) ** 2
        ones = numpy.ones((4, 2), "f")
        for dY, factor in (
            ({"y": ones}, 1),
            ({"more": (ones, None, None)}, 2),
            ({"y": ones, "more": [ones, None, 3], "ids": ids}, 3),
            ({"y": None, "more": None}, 0),
            (None, 0),
        ):
            _, backprop = model.begin_update((X, ids, True, None))
            dX, d_ids, flag, nothing = backprop(dY)
            assert close(dX, factor * slope @ W) and not d_ids.any() and d_ids.dtype == "i"
            assert flag is True and nothing is None
        _, backprop = model.begin_update([X, ids, True, None])
        assert type(backprop({"y": ones})) is list

    def test_wrong_gradients_are_named(self, sample):
        model, X, ids = sample.nested(), batch(), numpy.arange(4, dtype="i")
        ones = numpy.ones((4, 2), "f")
        _, backprop = model.begin_update((X, ids, True, None))
        for dY, error, text in (
            ({"y": ones[:3]}, ShapeError, r"dY\['y'\] has shape \(3, 2\), its output \(4, 2\)"),
            ({"more": (ones[:, :1], None, None)}, ShapeError, r"dY\['more'\]\[0\]"),
            ({"more": (ones, None)}, ContainerError, r"dY\['more'\]: got tuple\[0, 1\] for tuple\[0, 1, 2\]"),
            ({"z": ones}, ContainerError, "dY: got dict"),
            ([ones], ContainerError, "dY: got list"),
            ({"y": "high"}, ContainerError, r"dY\['y'\] is str"),
            ({"y": [1.0]}, ContainerError, r"dY\['y'\] is list"),
        ):
            with pytest.raises(error, match=f"Layer '{model.name}': {text}"):
                backprop(dY)
        backprop({"y": ones})  # the mistakes have not used it up

    def test_a_callback_works_once_and_in_training(self, sample):
        model, X = sample.make(), batch()
        Y, backprop = model.begin_update(X)
        backprop(numpy.ones_like(Y))
        with pytest.raises(BackpropError, match="called before"):
            backprop(numpy.ones_like(Y))
        Y, backprop = model(X, is_train=False)
        with pytest.raises(BackpropError, match="after predict"):
            backprop(numpy.ones_like(Y))

    def test_a_used_callback_holds_no_activations(self, sample):
        model, X, kept = sample.nested(), batch(), []
        shim = model.shims[0]
        forward = shim.forward

        def spy(inputs, is_train):
            outputs, backward = forward(inputs, is_train)
            # MXNet's arrays take no weak references; the callback holds them.
            kept.append(weakref.ref(outputs["y"] if sample.name != "mxnet" else backward))
            return outputs, backward

        shim.forward = spy
        Y, backprop = model.begin_update((X, numpy.arange(4, dtype="i"), True, None))
        assert kept[0]() is not None
        backprop({"y": numpy.ones((4, 2), "f")})
        del Y
        gc.collect()
        assert kept[0]() is None and backprop is not None

    def test_training_outputs_cannot_be_written(self, sample):
        Y, _ = sample.make().begin_update(batch())
        with pytest.raises(ValueError, match="read-only"):
            Y += 1

    def test_any_memory_is_read_right_and_never_written(self, sample):
        model, X = sample.make(), batch()
        frozen = X.copy()
        frozen.setflags(write=False)
        shifted = numpy.frombuffer(bytearray(b"\0" + X.tobytes()), "f", offset=1).reshape(X.shape)
        for same in (frozen, X[::-1].copy()[::-1], X.astype(">f4"), numpy.asfortranarray(X), shifted):
            assert close(model.predict(same), formula(X))
            Y, backprop = model.begin_update(same)
            dX = backprop(numpy.broadcast_to(numpy.float32(1), Y.shape))
            assert close(dX, (1 - formula(X) ** 2) @ W)
            assert same.tolist() == X.tolist()

    def test_an_optimizer_changes_every_parameter(self, sample):
        model, X = sample.make(), batch()
        shim = model.shims[0]
        before, keys = give(shim, shim.read()), []
        slope = 1 - formula(X) ** 2

        def descend(key, weights, gradient):
            keys.append(key)
            weights -= gradient
            return weights, gradient

        step(model, X, descend)
        after = give(shim, shim.read())
        moved = [before[name] - after[name] for name in shim.param_names()]
        assert sorted(keys) == sorted((shim.id, name) for name in shim.param_names())
        for wanted in (slope.T @ X, slope.sum(0)):
            assert any(close(m, wanted, 1e-4) or close(m.T, wanted, 1e-4) for m in moved)
        keys.clear()
        model.finish_update(descend)
        zeros = [give(shim, shim.read())[name] - after[name] for name in shim.param_names()]
        assert not any(each.any() for each in zeros)

    def test_the_derived_update_is_the_shims_own(self, sample):
        first, second = sample.make(), sample.make()
        updates = []
        for model, finish in ((first, type(first.shims[0]).finish_update), (second, Shim.finish_update)):
            Y, backprop = model.begin_update(batch())
            backprop(numpy.ones_like(Y))
            finish(model.shims[0], Adam(0.01))
            updates.append(give(model.shims[0], model.shims[0].read()))
        assert all(close(updates[1][name], value, 1e-6) for name, value in updates[0].items())

    def test_frozen_parameters_stay(self, sample):
        model, X = sample.make(), batch()
        shim, before = model.shims[0], sample.make().shims[0].to_bytes()
        model.freeze()
        optimizer = SGD(0.1)
        step(model, X, optimizer)
        assert loads(shim.to_bytes())["tensors"] == loads(before)["tensors"] and not optimizer.averages

    def test_averages_are_used_and_taken_back(self, sample):
        model, X, optimizer = sample.make(), batch(), Adam(0.1)
        for _ in range(5):
            step(model, X, optimizer)
        after = model.predict(X).copy()
        with model.use_params(optimizer.averages):
            assert not close(model.predict(X), after, 1e-3)
        with pytest.raises(KeyError):
            with model.use_params(optimizer.averages):
                raise KeyError
        assert numpy.array_equal(model.predict(X), after)

    def test_other_params_may_be_few_foreign_or_wrong(self, sample):
        model, X = sample.make(), batch()
        shim, before = model.shims[0], model.predict(X).copy()
        name = shim.param_names()[0]
        value = give(shim, shim.read())[name].astype("f") + 1
        for key in ((shim.id, name), f"{shim.key_prefix}_{shim.id}_{name}"):
            with shim.use_params({key: value, (shim.id + 1, name): value, "other": value}):
                assert not close(model.predict(X), before)
            assert numpy.array_equal(model.predict(X), before)
        with pytest.raises(ShapeError, match=re.escape(name)):
            with shim.use_params({(shim.id, name): value[None]}):
                pass
        with shim.use_params(None), shim.use_params({}):
            assert numpy.array_equal(model.predict(X), before)

    @pytest.mark.parametrize("chunk", [named_tensors.CHUNK, 4, 7])
    def test_bytes_hold_all_state(self, sample, chunk, monkeypatch):
        monkeypatch.setattr(named_tensors, "CHUNK", chunk)
        model, other, X = sample.make(), sample.make(), batch()
        model.shims[0].cfg["note"] = [1, "two"]
        step(model, X, SGD(0.1))
        data = model.to_bytes()
        assert not close(other.predict(X), model.predict(X))
        other.from_bytes(data)
        assert numpy.array_equal(other.predict(X), model.predict(X)) and other.to_bytes() == data
        assert other.shims[0].cfg == {"note": [1, "two"]}
        step(other, X, SGD(0.1))  # what was loaded can be trained
        step(model, X, SGD(0.1))
        assert close(other.predict(X), model.predict(X), 1e-6)

    def test_a_bad_file_changes_nothing(self, sample):
        shim = sample.make().shims[0]
        data = shim.to_bytes()
        good = loads(data)
        name, kind, shape, values = good["tensors"][0]
        rows = good["tensors"][1:]
        bad = [{**good, "framework": "other"}, {**good, "format": 9}, {**good, "tensors": None}, {"config": {}}, []]
        for row in (
            [name, kind, shape],
            [name, kind, shape, values, 0],
            [name, "float64", shape, values * 2],
            [name, "object", shape, values],
            [name, kind, [*shape, 1], values],
            [name, kind, [-n for n in shape], values],
            [name, kind, "x", values],
            [name, kind, shape, values[:-1]],
            [name, kind, shape, values + b"\0"],
            [name, kind, shape, [values, "x"]],
            [name, kind, shape, None],
            ["other", kind, shape, values],
            [1, kind, shape, values],
        ):
            bad.append({**good, "tensors": [*rows, row]})
        bad += [{**good, "tensors": rows}, {**good, "tensors": [*good["tensors"], good["tensors"][0]]}]
        for blob in [*map(dumps, bad), b"", data[:1], data[:-1], data + b"\0"]:
            with pytest.raises(LoadError):
                shim.from_bytes(blob)
            assert shim.to_bytes() == data

    def test_a_copy_is_independent(self, sample):
        model, X = sample.make(), batch()
        before = model.predict(X).copy()
        other = model.copy()
        assert other.shims[0].id != model.shims[0].id
        assert numpy.array_equal(other.predict(X), before)
        step(other, X, SGD(0.1))
        assert numpy.array_equal(model.predict(X), before) and not close(other.predict(X), before)

    def test_it_is_registered(self, sample):
        shim = sample.make().shims[0]
        assert registry.shims.get(sample.name) in type(shim).__mro__ and shim.framework.name
        if sample.name == "pytorch":
            layer = FrameworkWrapper(sample.name, shim._model)
            assert close(layer.predict(batch()), formula(batch()))
