"""The codec writes the upstream bytes."""

import numpy
import pytest

from thinc.errors import LoadError
from thinc.model import Model
from thinc.serialization import dumps, loads


def forward(model, X, is_train):
    return X, lambda dY: dY


def make_model():
    W, b = numpy.arange(6, dtype="f").reshape(2, 3), numpy.zeros(2, dtype="f")
    first = Model("linear", forward, dims={"nO": 2, "nI": 3}, params={"W": W, "b": b})
    dropout = Model("dropout", forward, attrs={"dropout_rate": 0.5, "is_enabled": True})
    last = Model("linear", forward, dims={"nO": None, "nI": None}, params={"W": None, "b": None})
    layers = [first, dropout, last]
    return Model("linear>>dropout>>linear", forward, dims={"nO": None, "nI": 3}, layers=layers)


def test_model_bytes_are_those_of_the_specification():
    data = make_model().to_bytes()
    assert len(data) == 375
    assert data.startswith(b"\x84\xa5nodes\x94\x84\xa5index\x00\xa4name\xb7linear>>dropout>>linear")
    array = (
        b"\xa1W\x85\xc4\x02nd\xc3\xc4\x04type\xa3<f4\xc4\x04kind\xc4\x00\xc4\x05shape\x92\x02\x03\xc4\x04data\xc4\x18"
    )
    assert array + numpy.arange(6, dtype="<f4").tobytes() in data
    assert b"\xacdropout_rate\xc4\x09\xcb\x3f\xe0\0\0\0\0\0\0\xaais_enabled\xc4\x01\xc3" in data
    assert data.endswith(b"\xa5shims\x94\x90\x90\x90\x90")


@pytest.mark.parametrize(
    "value", [None, True, 0, -1, -33, 2**63, -(2**63), 1.5, "ü", b"x", [1, [2]], {"a": {1: []}}, 1 + 2j]
)
def test_plain_values_come_back(value):
    assert loads(dumps(value)) == value


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "i1", "i8", "u2", "?", ">f4", "U3", "S2", "c8"])
def test_arrays_come_back(dtype):
    for shape in [(), (0,), (2, 0), (2, 3)]:
        array = numpy.zeros(shape, dtype)
        back = loads(dumps(array))
        assert back.dtype == array.dtype and back.shape == shape


@pytest.mark.parametrize("value", [{1}, object(), slice(1), numpy.array([None])])
def test_other_objects_are_a_type_error(value):
    with pytest.raises(TypeError):
        dumps(value)


@pytest.mark.parametrize("value", [2**64, -(2**63) - 1, 1 << 10**5], ids=["above", "below", "huge"])
def test_ints_beyond_64_bits_are_an_overflow(value):
    with pytest.raises(OverflowError, match="64"):
        dumps({"a": [value]})


@pytest.mark.parametrize("data", [
    b"", b"\x90\x90", b"\xc1", b"\xdd\xff\xff\xff\xff", b"\xdf\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff",
    b"\x81\x90\x01", b"\x82\x01\x01\x01\x01", b"\x91" * 600 + b"\x90", b"\xa1\xff", b"\xd4\x00\x00",
    b"\xdd\x00\x3d\x09\x00" + b"\x90" * 4_000_000,
])  # fmt: skip
def test_bad_bytes_are_a_load_error(data):
    with pytest.raises(LoadError):
        loads(data)
