"""What tests of other packages use to compare batches."""

import numpy
import pytest

import thinc.tests.util
from thinc.api import Maxout, NumpyOps, Ragged
from thinc.testing import matching
from thinc.types import ArgsKwargs

A = numpy.ones((2, 3), "f")
LENGTHS = numpy.array([1, 1], "i")
PADDED = NumpyOps().list2padded([A, A[:1]])
FOUR = (PADDED.data, PADDED.size_at_t, PADDED.lengths, PADDED.indices)
BATCHES = {
    "arrays": (A, A[:1]),
    "lists": ([A, A], [A]),
    "raggeds": (Ragged(A, LENGTHS), Ragged(A, LENGTHS[:1])),
    "paddeds": (PADDED, NumpyOps().list2padded([A])),
    "ragged_data": ((A, LENGTHS), (A, LENGTHS[:1])),
    "padded_data": (FOUR, (FOUR[0][:1], *FOUR[1:])),
}


def test_the_published_path_leads_here():
    assert thinc.tests.util.get_data_checker is matching.get_data_checker


@pytest.mark.parametrize("kind", BATCHES)
def test_batches_of_a_kind_are_compared_by_their_rows(kind):
    batch, other = BATCHES[kind]
    check = matching.get_data_checker(batch)

    assert check.__name__ == f"assert_{kind}_match" and check(batch, batch)
    with pytest.raises(AssertionError, match="against"):
        check(batch, other)


def test_dtypes_and_containers_matter_and_values_do_not():
    assert matching.assert_arrays_match(A, A * 2)
    with pytest.raises(AssertionError, match="float32 against float64"):
        matching.assert_arrays_match(A, A.astype("d"))
    for check in (matching.assert_lists_match, matching.assert_raggeds_match, matching.assert_paddeds_match):
        with pytest.raises(AssertionError, match="against"):
            check(A, A)


@pytest.mark.parametrize(
    "Y,returned,count,names,kind,text",
    [
        (ArgsKwargs((A,), {}), A, 1, [], numpy.ndarray, None),
        (ArgsKwargs((A, A), {}), (A, A), 2, [], tuple, None),
        (ArgsKwargs((), {"a": A}), {"a": A}, 0, ["a"], dict, None),
        ((A,), A, 1, [], numpy.ndarray, "is no ArgsKwargs"),
        (ArgsKwargs((A,), {}), A, 2, [], numpy.ndarray, "1 arguments, expected 2"),
        (ArgsKwargs((A,), {}), A, 1, ["a"], numpy.ndarray, r"expected \['a'\]"),
        (ArgsKwargs((A,), {}), [A], 1, [], tuple, "came back for"),
        (ArgsKwargs((A,), {}), ("x",), 1, [], tuple, "not all that came back are arrays"),
    ],
)
def test_converters_of_inputs(Y, returned, count, names, kind, text):
    arguments = (Y, lambda dY: returned, A, count, names, kind)
    if text is None:
        matching.check_input_converters(*arguments)
        return
    with pytest.raises(AssertionError, match=text):
        matching.check_input_converters(*arguments)


def test_a_model_of_these_weights():
    W, b, X = numpy.arange(6, dtype="f").reshape(2, 3), numpy.ones(2, "f"), numpy.ones((4, 3), "f")
    model = matching.get_model((W, b, X))

    assert numpy.array_equal(model.predict(X), X @ W.T + b)
    assert model.get_param("W") is not W
    assert matching.get_model((W, b, X), cls=Maxout).name == "maxout"
    assert matching.get_shape((W, b, X)) == (4, 2, 3)


def test_a_folder_is_removed_after_an_error_too():
    with pytest.raises(KeyError), matching.make_tempdir() as folder:
        (folder / "file").write_text("x")
        raise KeyError
    assert not folder.exists()
