"""Contexts end as they should: after an exception, nested, and apart in threads."""

import threading

import numpy
import pytest
from model.samples import forward, make

from thinc.api import DataValidationError, Linear, chain, data_validation, get_current_ops, use_ops
from thinc.backends import Ops
from thinc.model import Model
from thinc.types import Floats2d


def test_operators_do_not_merge_and_pass_what_stands_behind():
    model = make()
    with Model.define_operators({"**": lambda a, b, **more: (b, more), "+": lambda a, b: b}):
        assert model**2 == (2, {}) and model.__pow__(2, mod=3) == (2, {"mod": 3})
        same = model
        same += 5
        assert same == 5
        with pytest.raises(TypeError):
            1 + model


def test_threads_start_without_operators_and_bind_their_own():
    seen, model = [], make()

    def run():
        try:
            model + 1
        except TypeError:
            seen.append("unbound")
        with Model.define_operators({"+": lambda a, b: "inner"}):
            seen.append(model + 1)

    with Model.define_operators({"+": lambda a, b: "outer"}):
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        assert model + 1 == "outer"
    assert seen == ["unbound", "inner"]


class Stop(Exception):
    pass


def test_nested_use_params_come_back_one_by_one_after_an_exception():
    model = chain(Linear(1, 1), Linear(1, 1)).initialize()
    layer = model.layers[0]
    W = layer.get_param("W")
    first, second = W * 2 + 1, W * 3 + 2
    with model.use_params({(layer.id, "W"): first, (10**9, "W"): W, "other": W}):
        with pytest.raises(Stop), model.use_params({(layer.id, "W"): second}):
            assert layer.get_param("W") is second
            raise Stop
        assert layer.get_param("W") is first
    assert layer.get_param("W") is W
    with model.use_params({}):
        assert layer.get_param("W") is W
    with pytest.raises(TypeError):
        model.use_params(None).__enter__()


def test_use_params_restores_a_layer_that_occurs_twice_and_one_without_a_value():
    shared, unset = make("s", params={"W": numpy.ones(1)}), make("u", params={"W": None})
    W = shared.get_param("W")
    model = make("a", shared, make("b", shared, unset))
    with pytest.raises(Stop), model.use_params({(shared.id, "W"): W * 2, (unset.id, "W"): W * 3}):
        assert shared.get_param("W")[0] == 2 and unset.get_param("W")[0] == 3
        raise Stop
    assert shared.get_param("W") is W and unset.has_param("W") is None


def test_use_params_restores_what_was_set_before_a_later_node_failed():
    class Bad(Model):
        def set_param(self, name, value):
            if value is not None and value[0] == 7:
                raise Stop
            super().set_param(name, value)

    good, bad = make("g", params={"W": numpy.ones(1)}), Bad("b", forward, params={"W": numpy.ones(1)})
    model = make("a", good, bad)
    with pytest.raises(Stop), model.use_params({(good.id, "W"): numpy.zeros(1), (bad.id, "W"): numpy.full(1, 7)}):
        pytest.fail("the block must not run")
    assert good.get_param("W")[0] == bad.get_param("W")[0] == 1


def test_ops_and_validation_come_back_nested_after_exceptions_and_apart_in_threads():
    def strict(model, X: Floats2d, is_train: bool) -> tuple[Floats2d, object]:
        return X, lambda dY: dY

    model, outer, seen = Model("a", strict), get_current_ops(), []

    def run():
        seen.append(type(get_current_ops()) is Ops)
        model.initialize(X="nonsense")  # no validation here

    with use_ops(Ops()) as _, data_validation(True):
        inner = get_current_ops()
        with pytest.raises(Stop), use_ops("numpy"), data_validation(False):
            model.initialize(X="nonsense")
            raise Stop
        assert get_current_ops() is inner
        with pytest.raises(DataValidationError):
            model.initialize(X="nonsense")
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
    assert seen == [False] and type(get_current_ops()) is type(outer)
    model.initialize(X="nonsense")
