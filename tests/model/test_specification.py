"""What the description of the model class promises, line by line, where no other test says it."""

import numpy
import pytest
from model.samples import forward, make

from thinc.api import SGD, Linear, create_init, set_dropout_rate
from thinc.backends import ParamServer
from thinc.errors import UnsetError
from thinc.model import Model, wrap_model_recursive

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
