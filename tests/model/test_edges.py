"""What a model says and does at its edges: missing names, unset values, mistakes in the middle."""

import copy
import pickle

import numpy
import pytest
import torch
from model.samples import floats, forward, linear

from thinc.api import Dropout, Linear, Model, PyTorchWrapper, chain, set_dropout_rate
from thinc.errors import ContainerError, LoadError
from thinc.model import change_attr_values, export_safetensors
from thinc.model.initialize import create_init


@pytest.mark.parametrize(
    "call, error, text",
    [
        (lambda m: m.set_dim("nX", 3), KeyError, r"Model 'linear' has no dim 'nX'; it has \('nO', 'nI'\)"),
        (lambda m: m.get_param("V"), KeyError, r"has no param 'V'; it has \('W', 'b'\)"),
        (lambda m: m.get_attr("rate"), KeyError, r"has no attr 'rate'; it has \(\)"),
        (lambda m: m.set_ref("other", linear()), ValueError, "'linear' is not in its tree; add it as a layer first"),
        (lambda m: m.use_params(None).__enter__(), TypeError, r"expected a dict keyed \(id, name\), got None"),
    ],
)
def test_names_that_are_not_there_are_told_with_those_that_are(call, error, text):
    with pytest.raises(error, match=text):
        call(linear())


def test_gradients_can_be_given_with_the_params():
    model = Model("own", forward, params={"W": floats(2)}, grads={"W": floats(2) + 1, "b": None})
    assert model.get_grad("W").tolist() == [1, 1] and not model.has_grad("b")


def test_other_params_are_used_only_within_the_block_and_only_ours():
    model, other = chain(linear(3, 3), linear()), linear()
    W = model.layers[0].get_param("W")
    with model.use_params({(model.layers[0].id, "W"): W + 1, (other.id, "W"): floats(1)}):
        numpy.testing.assert_array_equal(model.layers[0].get_param("W"), W + 1)
    assert model.layers[0].get_param("W") is W


def test_attrs_are_changed_where_they_are():
    model = chain(Model("a", forward, attrs={"rate": 1, "size": 2}), Model("b", forward, attrs={"rate": 1}))
    assert change_attr_values(model, {"a": {"rate": 5, "other": 7}, "none": {"rate": 9}}) is model
    assert [dict(node.attrs) for node in model.layers] == [{"rate": 5, "size": 2}, {"rate": 1}]


def test_initializers_take_their_sizes_from_the_batch():
    """Also those of params that the function knows nothing of keep their shape."""
    draw = {name: lambda ops, shape: ops.alloc(shape) + 1 for name in ("W", "b", "scale")}
    params = {"W": None, "b": None, "scale": floats(4)}
    model = Model("own", forward, init=create_init(draw), dims={"nO": None, "nI": None}, params=params)
    model.initialize(X=floats(5, 3), Y=floats(5, 2))
    assert [model.get_param(name).shape for name in draw] == [(2, 3), (2,), (4,)]
    assert all(model.get_param(name).all() for name in draw)
    model.initialize(X=floats(5, 3))
    assert model.get_dim("nI") == 3


def test_a_model_with_attributes_of_its_own_is_copied_and_pickled_with_them():
    class Named(Model):
        pass

    Named.__module__, Named.__qualname__ = __name__, "Named"
    globals()["Named"] = Named
    model = Named("own", forward, attrs={"x": 1})
    model.label = ["mine"]
    for twin in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model), model.copy(), copy.copy(model)):
        assert type(twin) is Named and twin.label == ["mine"] and twin.attrs["x"] == 1


def test_two_tensors_of_one_name_are_not_exported(tmp_path):
    model = PyTorchWrapper(torch.nn.Linear(2, 2))
    model.set_param("weight", floats(2))
    with pytest.raises(ContainerError, match="Two tensors are called 'pytorch.weight'. Rename the layer or its param"):
        export_safetensors(model, tmp_path / "file")
    assert not (tmp_path / "file").exists()


def test_a_dropout_rate_is_set_wherever_there_is_one():
    model = chain(Dropout(0.1), Linear(2, 2), Dropout(0.2))
    assert set_dropout_rate(model, 0.5) is model
    assert [node.attrs.get("dropout_rate") for node in model.layers] == [0.5, None, 0.5]
    set_dropout_rate(model, 0.0, attrs=["other"])
    assert model.layers[0].attrs["dropout_rate"] == 0.5


@pytest.mark.parametrize(
    "mine, value, reason",
    [
        (True, 1, "expected bool, got 1"),
        (3, 3.5, "expected int, got 3.5"),
        (3.5, "text", "expected float, got 'text'"),
        (3.5, float("nan"), "not a number"),
        ("text", b"text", "expected str, got b'text'"),
        (b"text", "text", "expected bytes"),
        ([1], 1, "expected list, got 1"),
        ({"a": 1}, [1], "expected dict"),
        (numpy.zeros(2), 3.0, "expected ndarray, got 3.0"),
    ],
)
def test_an_attr_of_another_kind_is_refused_and_one_of_its_kind_taken(mine, value, reason):
    model, message = Model("own", forward, attrs={"x": mine}), Model("own", forward, attrs={"x": value}).to_dict()
    with pytest.raises(LoadError, match=rf"nodes\[0\].attrs.x: .*{reason}"):
        model.from_dict(message)
    model.from_dict(Model("own", forward, attrs={"x": mine}).to_dict())
    assert type(model.attrs["x"]) is type(mine)


def test_an_attr_that_is_not_set_takes_any_kind():
    for value in (3, "text", [1]):
        model = Model("own", forward, attrs={"x": None})
        assert model.from_dict(Model("own", forward, attrs={"x": value}).to_dict()).attrs["x"] == value


def test_wider_numbers_are_loaded_where_nothing_is_lost():
    model, saved = linear(), linear().to_dict()
    saved["params"][0]["W"] = numpy.full((2, 3), 0.5)
    assert model.from_dict(saved).get_param("W").dtype == "float32" and model.get_param("W")[0, 0] == 0.5
    saved["params"][0]["W"] = numpy.full((2, 3), numpy.inf, "f")
    with pytest.raises(LoadError, match="a value is NaN or infinite"):
        model.from_dict(saved, check_finite=True)
    assert numpy.isinf(model.from_dict(saved).get_param("W")).all()


def test_a_ref_that_is_not_set_is_loaded_as_such():
    def make(ref):
        leaf = Model("leaf", forward)
        return Model("root", forward, layers=[leaf], refs={"leaf": leaf if ref else None})

    assert make(True).from_bytes(make(False).to_bytes()).has_ref("leaf") is None
    loaded = make(False).from_bytes(make(True).to_bytes())
    assert loaded.get_ref("leaf") is loaded.layers[0]
