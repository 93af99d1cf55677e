"""The strategies draw arrays of the promised shapes, dtypes and ranges."""

import numpy
from hypothesis import given

import thinc.tests.strategies
from thinc.testing import strategies


def test_the_path_that_spacy_uses_leads_to_the_same_functions():
    assert thinc.tests.strategies.ndarrays_of_shape is strategies.ndarrays_of_shape


@given(strategies.ndarrays_of_shape((2, 3), lo=-1, hi=1))
def test_arrays_of_one_shape(X):
    assert (X.shape, X.dtype) == ((2, 3), numpy.float32) and (abs(X) <= 1).all()


@given(strategies.ndarrays_of_shape(4, lo=0, hi=3, dtype="int32"))
def test_arrays_of_integers(ids):
    assert (ids.shape, ids.dtype) == ((4,), numpy.int32) and ((0 <= ids) & (ids <= 3)).all()


@given(strategies.ndarrays(min_len=2, max_len=3, min_val=0.5, max_val=1.0))
def test_vectors(x):
    assert x.ndim == 1 and 2 <= len(x) <= 3 and ((0.5 <= x) & (x <= 1)).all()


@given(strategies.arrays_BI_BO(max_B=3, max_I=4, max_O=5))
def test_input_and_output_share_the_batch(arrays):
    X, dY = arrays
    assert X.shape[0] == dY.shape[0] <= 3 and X.shape[1] <= 4 and dY.shape[1] <= 5


@given(strategies.arrays_BOP_BO(max_B=3, max_O=4, max_P=2))
def test_pieces_come_with_the_gradient_of_their_maximum(arrays):
    X, dY = arrays
    assert X.shape[:2] == dY.shape and 1 <= X.shape[2] <= 2


@given(strategies.arrays_OI_O_BI(max_batch=3, max_out=4, max_in=5))
def test_weights_fit_the_input(arrays):
    W, b, X = arrays
    assert (X @ W.T + b).shape == (X.shape[0], W.shape[0])


@given(strategies.arrays_BI(max_B=2, max_I=3), strategies.arrays_BOP(max_B=2, max_O=3, max_P=2))
def test_ranks(X, pieces):
    assert (X.ndim, pieces.ndim) == (2, 3)
