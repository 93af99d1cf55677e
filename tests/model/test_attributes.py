"""Attributes of any type are saved and loaded, and an error while doing so changes nothing."""

import numpy
import pytest
from model.samples import make

from thinc.api import deserialize_attr, serialize_attr
from thinc.errors import LoadError
from thinc.serialization import dumps, loads


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
