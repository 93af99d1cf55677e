"""The contract of the model class."""

import numpy
import pytest

from thinc.errors import DeviceError, UnsetError
from thinc.model import Model


def forward(model, X, is_train):
    return (X, is_train), lambda dY: dY


def make(name, *layers, **kwargs):
    return Model(name, forward, layers=layers, **kwargs)


def test_dims_are_ternary():
    model = make("a", dims={"nO": None})
    assert model.has_dim("nI") is False and model.has_dim("nO") is None
    with pytest.raises(KeyError):
        model.get_dim("nI")
    with pytest.raises(UnsetError):
        model.get_dim("nO")
    model.set_dim("nO", 2)
    with pytest.raises(ValueError):
        model.set_dim("nO", 3)
    model.set_dim("nO", 3, force=True)
    model.set_param("W", numpy.zeros(1))
    with pytest.raises(ValueError):
        model.set_dim("nO", 4, force=True)


def test_unset_param_is_not_returned():
    model = make("a", params={"W": numpy.ones(1)})
    model.set_param("W", None)
    with pytest.raises(KeyError):
        model.get_param("W")


def test_walk_orders():
    C = make("C")
    A = make("A", make("B", C), C)
    names = {order: "".join(n.name for n in A.walk(order=order)) for order in ("bfs", "dfs_pre", "dfs_post")}
    assert names == {"bfs": "ABC", "dfs_pre": "ABC", "dfs_post": "CBA"}
    with pytest.raises(ValueError, match="Invalid order"):
        A.walk(order="x")


def test_copy_keeps_refs_ops_and_sharing():
    C = make("C", grads={"W": numpy.ones(1)}, params={"W": numpy.ones(1)})
    A = make("A", C, C, refs={"c": C, "none": None})
    B = A.copy()
    assert B.layers[0] is B.layers[1] is B.get_ref("c") is not C
    assert B.has_ref("none") is None and B.ops is A.ops and B.id != A.id
    assert B.layers[0].get_grad("W") is not C.get_grad("W")


def test_use_params_restores_after_an_exception():
    W = numpy.ones(1)
    model = make("a", params={"W": W})
    with pytest.raises(KeyError), model.use_params({(model.id, "W"): W * 2}):
        assert model.get_param("W")[0] == 2
        raise KeyError
    assert model.get_param("W") is W


def test_nodes_are_removed_and_replaced_with_unset_refs_around():
    C, D = make("C"), make("D")
    A = make("A", make("B", C), refs={"c": C, "none": None})
    assert A.replace_node(C, D) and A.get_ref("c") is D
    A.remove_node(D)
    assert A.has_ref("c") is None


def test_tree_1000_deep_is_walked_copied_and_saved():
    model = make("x")
    for _ in range(1000):
        model = make("x", model)
    data = model.to_bytes()
    assert model.copy().from_bytes(data).to_bytes() == data


def test_attributes_can_not_be_replaced():
    model = make("a", attrs={"x": 1})
    for name in ("layers", "shims", "attrs", "other"):
        with pytest.raises(AttributeError):
            setattr(model, name, [])
    with pytest.raises(KeyError):
        model.set_attr("y", 1)
    assert model.has_attr("x") and model.get_attr("x") == 1 and model.attr_names == ("x",)


def test_call_defaults_to_prediction():
    model = make("a")
    assert model(1)[0] == (1, False) == model.predict(1) and model.begin_update(1)[0] == (1, True)


def test_gpu_without_one_is_a_device_error():
    with pytest.raises(DeviceError):
        make("a").to_gpu(10**6)
