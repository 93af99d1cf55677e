"""Annotations check values where pydantic, of either version, or a config asks them."""

import numpy
import pytest

from thinc.types import ArgsKwargs, Floats2d, Generator, Ints1d, Padded, Ragged, SizedGenerator, Unserializable
from thinc.types.check import ArrayInfo


def validators(kind):
    (of_pydantic_1,) = kind.__get_validators__()
    schema = kind.__get_pydantic_core_schema__()
    assert schema["type"] == "function-plain"
    return of_pydantic_1, schema["function"]["function"]


@pytest.mark.parametrize("check", validators(Generator))
def test_an_iterator_is_handed_on_and_not_drawn_from(check):
    source = iter([1, 2])
    assert check(source) is source and next(source) == 1
    with pytest.raises(TypeError, match="not a valid iterator"):
        check(3)


@pytest.mark.parametrize("check", validators(Floats2d))
def test_an_array_is_handed_on_or_told_what_is_wrong(check):
    X = numpy.zeros((2, 3), "f")
    assert check(X) is X
    with pytest.raises(
        ValueError, match=r"wrong array dimensions \(expected 2, got 1\).*expected float32, got float64"
    ):
        check(numpy.zeros(3))
    with pytest.raises(ValueError, match="expected a numpy or cupy array, but got <class 'list'>"):
        check([1.0])
    assert all(check(numpy.zeros(2, dtype)).dtype == dtype for check in validators(Ints1d) for dtype in ("i4", "u8"))


def test_a_sized_generator_begins_anew():
    items = SizedGenerator(lambda: iter([1, 2]), 2)
    assert len(items) == 2 and list(items) == list(items) == [1, 2]


def test_records_are_equal_by_their_fields_and_to_nothing_else():
    assert Unserializable([1]) == Unserializable([1]) != Unserializable([2])
    assert Unserializable(1) != 1 and repr(Unserializable(1)) == "Unserializable(obj=1)"
    assert ArrayInfo((1,), "f") == ArrayInfo.from_array(numpy.zeros(1, "f")) != ArgsKwargs((1,), {})


def test_batches_are_equal_to_batches_of_their_kind_alone():
    lengths = numpy.array([1, 2], "i")
    ragged = Ragged(numpy.zeros((3, 2), "f"), lengths)
    padded = Padded(numpy.zeros((2, 2, 3), "f"), lengths, lengths, lengths)
    assert ragged != padded and padded != ragged and ragged != 3 and padded == padded and ragged == ragged
