"""What `can_from_dict` says is what `from_dict` does."""

import numpy
import pytest
import torch

from thinc.api import Dropout, Linear, Model, PyTorchWrapper
from thinc.errors import LoadError
from thinc.serialization import dumps, loads
from thinc.types import Unserializable


def linear():
    return Linear(2, 3).initialize()


def unset():
    return Linear(2, 3)


def dropout():
    return Dropout(0.5)


def wrapped():
    return PyTorchWrapper(torch.nn.Linear(2, 2))


def with_value(value):
    return Model("attr", lambda model, X, is_train: (X, lambda dY: dY), attrs={"value": value})


def message(make, *path_and_value):
    *path, last, value = path_and_value
    found = target = loads(make().to_bytes())
    for step in path:
        target = target[step]
    target[last] = value
    return found


DAMAGES = [
    (linear, "params", 0, "W", None),
    (linear, "params", 0, "W", numpy.zeros((3, 2), "f")),
    (linear, "params", 0, "W", numpy.full((2, 3), 0.1)),
    (linear, "params", 0, "W", numpy.zeros((2, 3), "?")),
    (linear, "params", 0, "X", numpy.zeros((2, 3), "f")),
    (linear, "params", 0, "W", 3),
    (linear, "params", 0, []),
    (linear, "params", []),
    (unset, "params", 0, "W", numpy.zeros((3, 2), "f")),
    (linear, "nodes", 0, "name", 3),
    (linear, "nodes", 0, "dims", "nI", 4),
    (linear, "nodes", 0, "dims", "nX", 4),
    (linear, "nodes", 0, "dims", []),
    (unset, "nodes", 0, "dims", "nI", -1),
    (linear, "nodes", 0, "refs", "other", 7),
    (linear, "nodes", 0, None),
    (linear, "nodes", None),
    (dropout, "attrs", 0, "dropout_rate", dumps(7.0)),
    (dropout, "attrs", 0, "dropout_rate", dumps("0.5")),
    (dropout, "attrs", 0, "dropout_rate", b"\xc1"),
    (dropout, "attrs", 0, "dropout_rate", None),
    (wrapped, "shims", 0, [b""]),
    (wrapped, "shims", 0, []),
]


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("make, path", [(make, path) for make, *path in DAMAGES])
def test_what_can_not_be_loaded_is_known_before(make, path, strict):
    msg, model = message(make, *path), make()
    before = model.to_bytes()
    assert not model.can_from_dict(msg, strict=strict)
    with pytest.raises(LoadError):
        model.from_dict(msg)
    assert model.to_bytes() == before


@pytest.mark.parametrize("make", [linear, unset, dropout, wrapped])
def test_what_a_like_model_wrote_can_be_loaded(make):
    assert make().can_from_dict(loads(make().to_bytes())) and make().can_from_bytes(make().to_bytes())


def test_only_strictness_asks_for_equal_names_and_attrs():
    for mine, other in [
        (with_value(1), with_value(2)),
        (linear(), linear().from_dict(message(linear, "nodes", 0, "name", "other"))),
    ]:
        assert not mine.can_from_bytes(other.to_bytes()) and mine.can_from_bytes(other.to_bytes(), strict=False)


def test_attrs_that_are_not_saved_or_not_there_are_not_compared():
    saved = with_value(3).to_dict()
    assert with_value(Unserializable({1})).can_from_dict(saved)  # can't be written, so nothing to compare
    other = with_value(3)
    del other.attrs["value"]
    assert other.can_from_dict(saved)


def test_a_model_that_was_never_initialized_does_not_fit_one_that_was():
    assert not linear().can_from_dict(Linear().to_dict()) and Linear().can_from_dict(linear().to_dict())


def test_refs_out_of_the_tree_are_not_saved():
    model, other = linear(), linear()
    model._refs["other"] = other
    with pytest.raises(ValueError, match=r"its refs \['other'\] point outside of the tree"):
        model.to_bytes()


def test_object_arrays_are_refused_and_other_objects_left_out():
    with pytest.raises(TypeError):
        with_value(numpy.array([None])).to_bytes()
    assert loads(with_value({1}).to_bytes())["attrs"] == [{}]
