"""The kernel hashes strings as the reference does."""

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thinc.api import NumpyOps, Ops


@given(strings=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), max_size=5))
def test_hashes_are_those_of_the_reference(strings):
    ours, theirs = NumpyOps()._hash_strings(strings), Ops()._hash_strings(strings)

    assert ours.dtype == theirs.dtype and ours.shape == theirs.shape == (len(strings), 1)
    numpy.testing.assert_array_equal(ours, theirs)


def test_hashes_are_those_that_trained_pipelines_know():
    # Published test vectors of MurmurHash3_x86_32 with the seed 0.
    hashes = NumpyOps()._hash_strings(["", "test", "Hello, world!"])
    assert (hashes.ravel() & numpy.uint64(0xFFFFFFFF)).tolist() == [0, 0xBA6BD213, 0xC0363E43]
    assert (hashes.ravel() >> numpy.uint64(32)).tolist() == [0, 0xFFFFFFFF, 0xFFFFFFFF]


@pytest.mark.parametrize("strings", [("a", "b"), iter(["a"])], ids=["tuple", "iterator"])
def test_any_sequence_of_strings_is_hashed(strings):
    assert NumpyOps()._hash_strings(strings).dtype == "uint64"


def test_what_is_no_text_is_refused():
    with pytest.raises(AttributeError):
        NumpyOps()._hash_strings(["a", 1])
    with pytest.raises(UnicodeEncodeError):
        NumpyOps()._hash_strings(["\ud800"])
