"""What the description of the model class promises, line by line, where no other test says it."""

import threading

import numpy
import pytest

from thinc.api import (
    SGD,
    DataValidationError,
    Linear,
    chain,
    create_init,
    data_validation,
    deserialize_attr,
    get_current_ops,
    serialize_attr,
    set_dropout_rate,
    use_ops,
)
from thinc.backends import Ops, ParamServer
from thinc.errors import LoadError, UnsetError
from thinc.model import Model, wrap_model_recursive
from thinc.serialization import dumps, loads
from thinc.types import Floats2d


def forward(model, X, is_train):
    return X, lambda dY: dY


def make(name="a", *layers, **kwargs):
    return Model(name, forward, layers=layers, **kwargs)


# Construction


def test_ids_count_up_from_one_counter():
    first, second = make(), make()
    assert second.id == first.id + 1 == Model.global_id


def test_unknown_arguments_are_refused():
    with pytest.raises(TypeError):
        Model("a", forward, nonsense=1)


def test_arguments_are_copied_shallowly():
    dims, attrs, layers = {"nO": 1}, {"x": []}, [make("b")]
    model = Model("a", forward, dims=dims, attrs=attrs, layers=layers)
    dims["nI"], attrs["y"] = 2, 3
    layers.clear()
    assert model.dim_names == ("nO",) and model.attr_names == ("x",) and len(model.layers) == 1
    assert model.attrs["x"] is attrs["x"]


def test_a_model_without_init_has_one_that_does_nothing():
    model = make()
    assert model.init is not None and model.initialize(X=1, Y=2) is model
    model.replace_callbacks(forward)
    assert model.init is None and model.initialize() is model


def test_what_init_returns_is_ignored():
    model = make(init=lambda model, X=None, Y=None: "nonsense")
    assert model.initialize() is model


def test_models_are_compared_and_hashed_by_identity():
    model = make()
    assert model == model != make() and len({model, model}) == 1


def test_a_subclass_holds_attributes_of_its_own():
    class Mine(Model):
        pass

    model = Mine("a", forward)
    model.extra = 1
    assert model.extra == 1 and model.copy().extra == 1


# Dims, params, grads, refs


def test_a_set_dim_can_be_set_again_but_not_unset():
    model = make(dims={"nO": 2})
    model.set_dim("nO", 2)
    with pytest.raises(ValueError, match="nO"):
        model.set_dim("nO", None)
    with pytest.raises(KeyError):
        model.set_dim("nI", 2)
    assert model.maybe_get_dim("nI") is None


def test_params_are_ternary_and_kept_as_they_are():
    W = numpy.ones(2, "f")
    model = make(params={"W": None})
    assert model.has_param("W") is None and model.has_param("b") is False and model.maybe_get_param("W") is None
    for name in ("W", "b"):
        with pytest.raises(KeyError):
            model.get_param(name)
    model.set_param("b", W)
    assert model.get_param("b") is W and model.has_param("b") is True and model.param_names == ("W", "b")


def test_gradients_are_copied_first_and_added_in_place_then():
    value, model = numpy.ones(2, "f"), make(params={"W": None})
    assert model.has_grad("W") is False and model.maybe_get_grad("W") is None and model.grad_names == ()
    with pytest.raises(KeyError):
        model.get_grad("W")
    model.inc_grad("W", value)
    held = model.get_grad("W")
    model.inc_grad("W", value)
    assert model.get_grad("W") is held is not value and held.tolist() == [2, 2] and model.grad_names == ("W",)
    with pytest.raises(ValueError):
        model.inc_grad("W", numpy.ones(3, "f"))
    held.fill(0)
    assert model.has_grad("W") is True
    model.set_grad("W", value)
    assert model.get_grad("W") is value


def test_a_number_in_the_place_of_a_gradient_becomes_an_array():
    model = make(params={"W": numpy.ones(2, "f")})
    model.set_grad("W", 0.0)
    model.inc_grad("W", numpy.ones(2, "f"))
    assert model.get_grad("W").tolist() == [1, 1]


def test_refs_are_ternary_and_stay_in_the_tree():
    child = make("b")
    model = make("a", child, refs={"none": None})
    assert model.has_ref("none") is None and model.has_ref("x") is False and model.maybe_get_ref("x") is None
    with pytest.raises(KeyError):
        model.get_ref("x")
    with pytest.raises(UnsetError):
        model.get_ref("none")
    model.set_ref("child", child)
    model.set_ref("self", model)
    assert model.get_ref("child") is child and model.get_ref("self") is model
    with pytest.raises(ValueError, match="not in its tree"):
        model.set_ref("x", make())


def test_get_gradients_holds_params_with_their_gradients_by_id():
    child = make("b", params={"W": numpy.ones(1), "b": numpy.ones(1)})
    child.inc_grad("W", numpy.ones(1))
    model = make("a", child)
    assert model.get_gradients() == {(child.id, "W"): (child.get_param("W"), child.get_grad("W"))}


def test_finish_update_gives_every_gradient_to_the_optimizer_once():
    child = make("b", params={"W": numpy.ones(1, "f"), "b": numpy.ones(1, "f")})
    model = make("a", child, child)
    child.inc_grad("W", numpy.ones(1, "f"))
    seen = []

    def optimizer(key, weights, gradient):
        seen.append(key)
        return weights * 2, gradient

    model.finish_update(optimizer)
    assert seen == [(child.id, "W")] and child.get_param("W")[0] == 2


# Trees


def test_wrappers_are_called_for_each_node_and_once_more_for_the_root():
    calls = []
    wrap_model_recursive(make("A", make("B")), lambda node: calls.append(node.name) or make("w", node))
    assert sorted(calls) == ["A", "A", "B"]


def test_a_root_is_not_replaced_and_a_stranger_not_found():
    model = make("A", make("B"))
    assert model.replace_node(model, make("x")) and model.name == "A"
    assert not model.replace_node(make("B"), make("x"))
    model.remove_node(make("B"))
    assert [node.name for node in model.walk()] == ["A", "B"]


def test_the_dropout_rate_is_set_where_there_is_one():
    model = make("a", make("b", attrs={"dropout_rate": 0.1}), make("c", attrs={"rate": 0.1}))
    assert set_dropout_rate(model, 0.5) is model
    assert [node.attrs for node in model.walk()] == [{}, {"dropout_rate": 0.5}, {"rate": 0.1}]
    set_dropout_rate(model, 0.6, attrs=["rate"])
    assert model.layers[1].attrs == {"rate": 0.6}


# create_init


def test_create_init_takes_sizes_from_the_batch_and_fills_params():
    init = create_init({"W": lambda ops, shape: ops.alloc(shape) + 1, "b": lambda ops, shape: ops.alloc(shape) + 2})
    model = make(init=init, dims={"nO": None, "nI": None}, params={"W": None, "b": None})
    model.initialize(numpy.zeros((2, 3), "f"), numpy.zeros((2, 4), "f"))
    assert model.get_param("W").shape == (4, 3) and (model.get_param("W") == 1).all()
    assert model.get_param("b").tolist() == [2.0] * 4


def test_create_init_keeps_sizes_that_are_set_and_shapes_of_other_params():
    init = create_init({"E": lambda ops, shape: ops.alloc(shape) + 1})
    model = make(init=init, dims={"nO": 4, "nI": None}, params={"E": numpy.zeros((5, 2))})
    model.initialize(numpy.zeros((2, 3), "f"), numpy.zeros((2, 9), "f"))
    assert (model.get_dim("nO"), model.get_dim("nI")) == (4, 3) and model.get_param("E").shape == (5, 2)
    with pytest.raises(KeyError):
        make(init=create_init({"W": lambda ops, shape: 1}), dims={"nO": None, "nI": None}).initialize()


# Attributes


class Colour:
    def __init__(self, name):
        self.name = name


class Shade(Colour):
    pass


@serialize_attr.register(Colour)
def _save(_, value, name, model):
    return f"{model.name}.{name}:{value.name}".encode()


@deserialize_attr.register(Colour)
def _load(default, value, name, model):
    if not value.startswith(f"{model.name}.{name}:".encode()):
        raise RuntimeError("not a colour")
    return type(default)(value.decode().partition(":")[2])


def test_registered_types_are_saved_and_loaded_by_their_functions():
    model, other = (make(attrs={"c": Shade(name), "n": 1}) for name in ("red", "blue"))
    assert model.to_dict()["attrs"][0]["c"] == b"a.c:red"
    other.from_bytes(model.to_bytes())
    assert type(other.attrs["c"]) is Shade and other.attrs["c"].name == "red" and other.attrs["n"] == 1
    assert not other.can_from_bytes(make(attrs={"c": Shade("blue")}).to_bytes())


def test_an_error_of_a_registered_function_changes_nothing():
    model = make(attrs={"c": Colour("red"), "n": 1})
    message = make(attrs={"n": 2}).to_dict()
    message["attrs"][0]["c"] = b"nonsense"
    with pytest.raises(LoadError, match=r"attrs\.c.*not a colour"):
        model.from_dict(message)
    assert model.attrs["n"] == 1 and model.attrs["c"].name == "red"


def test_attrs_that_cannot_be_saved_are_left_out_and_objects_in_arrays_refused():
    assert make(attrs={"f": len, "n": 1}).to_dict()["attrs"] == [{"n": dumps(1)}]
    with pytest.raises(OverflowError):
        make(attrs={"n": 2**70}).to_bytes()
    with pytest.raises(TypeError, match="object"):
        make(attrs={"n": numpy.array([None])}).to_bytes()


def test_the_default_functions_are_msgpack():
    assert loads(serialize_attr([1], [1], "x", None)) == deserialize_attr(None, dumps([1]), "x", None) == [1]


def test_a_ref_that_points_outside_is_named_when_saving():
    child = make("b")
    model = make("a", child)
    model.set_ref("gone", child)
    model.layers.clear()
    with pytest.raises(ValueError, match="gone"):
        model.to_bytes()


# Parameters behind a proxy


class Far:
    """What a parameter server elsewhere does."""

    def __init__(self):
        self.params, self.calls = {}, []

    def get_param(self, model_id, name):
        return self.params[model_id, name]

    def set_param(self, model_id, name, value):
        self.params[model_id, name] = value

    def set_grad(self, model_id, name, value):
        self.calls.append(("set_grad", model_id, name))

    def inc_grad(self, model_id, name, value):
        self.calls.append(("inc_grad", model_id, name))


def test_a_proxy_gets_gradients_and_gives_params():
    model, far = Linear(2, 2).initialize(), Far()
    for name in model.param_names:
        far.params[model.id, name] = model.get_param(name)
    assert isinstance(model._params, ParamServer) and model._params.proxy is None
    model._params.proxy = far
    far.params[model.id, "W"] = numpy.full((2, 2), 3, "f")

    Y, backprop = model.begin_update(numpy.ones((1, 2), "f"))
    backprop(numpy.ones_like(Y))

    assert Y.tolist() == [[6.0, 6.0]] and not model.has_grad("W")
    assert set(far.calls) == {("inc_grad", model.id, "W"), ("inc_grad", model.id, "b")}
    model.set_param("b", numpy.ones(2, "f"))
    assert far.params[model.id, "b"].tolist() == [1, 1]
    model.finish_update(SGD(0.1))  # there is no gradient here
    assert far.params[model.id, "W"].tolist() == [[3, 3], [3, 3]]


# Operators


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


# Contexts: after an exception, nested, in threads


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
