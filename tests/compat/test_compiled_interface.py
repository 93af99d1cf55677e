"""A compiled client can use cblas, linalg and search, and meets the layouts that spaCy's wheels expect."""

import ctypes
import math
import pickle

import numpy
import pytest
from numpy.testing import assert_allclose

from thinc.api import NumpyOps, Ops

pytest.importorskip("thinc.backends.cblas", reason="thinc was built without a compiler", exc_type=ModuleNotFoundError)
pytest.importorskip("cymem", reason="only thinc.extra.search needs cymem, and spaCy brings it")

from thinc.backends import cblas, linalg  # noqa: E402
from thinc.extra import search  # noqa: E402

SIZES = {
    cblas.CBlas: 32,
    linalg.Matrix: 40,
    linalg.Vec: 24,
    linalg.VecVec: 24,
    linalg.Mat: 24,
    search.Beam: 136,
    search.MaxViolation: 104,
}
POINTER = "__pyx_t_5thinc_8backends_5cblas_{}_ptr"
TABLE = "struct __pyx_obj_5thinc_8backends_5cblas_CBlas *"
ROUTINES = ["sgemm", "saxpy", "daxpy"]


@pytest.mark.parametrize("cls", SIZES, ids=lambda cls: cls.__name__)
def test_objects_have_the_size_that_wheels_were_compiled_for(cls):
    assert cls.__basicsize__ == SIZES[cls]


@pytest.mark.parametrize("cls", [linalg.Vec, linalg.VecVec, linalg.Mat, search.Beam, search.MaxViolation])
def test_types_have_a_method_table(cls):
    is_valid = ctypes.pythonapi.PyCapsule_IsValid
    is_valid.argtypes = [ctypes.py_object, ctypes.c_char_p]

    assert is_valid(vars(cls)["__pyx_vtable__"], None)


def test_functions_have_the_signatures_that_wheels_ask_for():
    name = ctypes.pythonapi.PyCapsule_GetName
    name.argtypes, name.restype = [ctypes.py_object], ctypes.c_char_p
    getters = {routine: f"{POINTER.format(routine)} ({TABLE})" for routine in ROUTINES}
    setters = {f"set_{routine}": f"void ({TABLE}, {POINTER.format(routine)})" for routine in ROUTINES}

    assert {key: name(capsule).decode() for key, capsule in cblas.__pyx_capi__.items()} == getters | setters


def test_a_table_of_routines_is_not_pickled():
    with pytest.raises(TypeError, match="CBlas"):
        pickle.dumps(cblas.CBlas())


def test_only_numpy_ops_hand_out_routines():
    assert type(NumpyOps().cblas()) is cblas.CBlas
    with pytest.raises(NotImplementedError, match="NumpyOps"):
        Ops().cblas()


@pytest.mark.parametrize("sizes", [(0, 2), (2, 0)])
def test_a_beam_needs_room_and_transitions(sizes):
    with pytest.raises(AssertionError, match="Beam"):
        search.Beam(*sizes)


def test_a_beam_that_was_never_initialized_can_be_freed():
    beam = search.Beam(3, 2)

    assert (len(beam), beam.score, beam.min_score, beam.loss, beam.probs) == (1, 0.0, 0.0, 0.0, [1.0])
    del beam


@pytest.fixture
def rng():
    return numpy.random.RandomState(0)


@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 4, 5), (33, 17, 300), (5, 31, 1)])
@pytest.mark.parametrize("trans", [(0, 0), (0, 1), (1, 0), (1, 1)])
@pytest.mark.parametrize("alpha, beta", [(1, 0), (1, 1), (0.5, 1), (2, -0.5)])
@pytest.mark.parametrize("make", [NumpyOps().cblas, cblas.CBlas], ids=["tiles", "loops"])
def test_sgemm_equals_the_definition(client, rng, make, shape, trans, alpha, beta):
    nM, nN, nK = shape
    A = rng.normal(size=(nK, nM) if trans[0] else (nM, nK)).astype("f")
    B = rng.normal(size=(nN, nK) if trans[1] else (nK, nN)).astype("f")
    C = rng.normal(size=(nM, nN)).astype("f")
    opA, opB = (x.T if t else x for x, t in zip((A, B), trans))
    expected = alpha * (opA.astype("d") @ opB.astype("d")) + beta * C.astype("d")
    if beta == 0:
        C[:] = numpy.nan  # what is overwritten must not be read
    client.multiply(make(), A, B, C, *trans, alpha, beta)
    bound = 2 * math.sqrt(nK) * 2**-23 * (abs(alpha) * (abs(opA) @ abs(opB)) + 1)

    assert (abs(C - expected) <= bound + 1e-6).all()


@pytest.mark.parametrize("steps", [(1, 1), (2, 3), (-2, 3), (1, -2)])
def test_saxpy_walks_by_its_steps(client, steps):
    X, Y = numpy.arange(9, dtype="f"), numpy.ones(9, dtype="f")
    expected = Y.copy()
    chosen = [slice(None, None, step) if step > 0 else slice(2 * -step, None, step) for step in steps]
    expected[chosen[1]][:3] += 2 * X[chosen[0]][:3]
    client.add_scaled(NumpyOps().cblas(), 2.0, X, Y, 3, *steps)

    assert Y.tolist() == expected.tolist()


def test_daxpy_keeps_double_precision(client):
    X, Y = numpy.full(3, 1 / 3), numpy.ones(3)
    client.add_scaled_double(NumpyOps().cblas(), 2.0, X, Y)

    assert Y.tolist() == [1 + 2 / 3] * 3


def test_only_a_capsule_of_ours_is_taken_for_a_routine():
    for other in (None, 1, cblas.__pyx_capi__["sgemm"]):
        with pytest.raises((TypeError, ValueError)):
            cblas.CBlas().use_sgemm(other)


def test_a_client_can_set_its_own_routines_for_one_table(client):
    X, Y, C = numpy.ones(3, dtype="f"), numpy.ones(3, dtype="f"), numpy.ones((1, 1), dtype="f")
    own, other = NumpyOps().cblas(), NumpyOps().cblas()
    client.replace_routines(own)
    client.add_scaled(own, 1.0, X, Y, 3)
    client.multiply(own, C, C, C)

    assert (Y[0], C[0, 0]) == (42, 42)
    client.add_scaled(other, 1.0, X, Y, 3)
    assert Y[0] == 43


def test_the_routines_on_one_vector(client, rng):
    x = abs(rng.normal(size=7)).astype("f") + 0.5
    expected = {"arg_max": x.argmax(), "max": x.max(), "sum": x.sum(), "norm": numpy.linalg.norm(x), "mean": x.mean()}
    expected |= {
        "variance": x.var(),
        "add": x + 1.5,
        "mul": x * 1.5,
        "pow": x**1.5,
        "div": x / 1.5,
        "exp": numpy.exp(x),
    }
    expected["in place"] = numpy.exp(1 / (((x + 1.5) * 1.5) ** 1.5 / 1.5))
    found = client.vec(x, 1.5)

    assert found.keys() == expected.keys()
    for name in found:
        assert_allclose(found[name], expected[name], rtol=1e-5, err_msg=name)


def test_of_two_equal_classes_the_second_wins_and_of_three_the_first(client):
    assert client.vec(numpy.ones(2, dtype="f"), 1.0)["arg_max"] == 1
    assert client.vec(numpy.ones(3, dtype="f"), 1.0)["arg_max"] == 0


def test_the_routines_on_two_vectors(client, rng):
    x, y = rng.normal(size=6).astype("f"), abs(rng.normal(size=6)).astype("f")
    y[2:4] = 0
    is_valid = numpy.array([0, 1, 1, 0, 1, 0], dtype="i")
    rows = numpy.tile(y[:3], 2)
    expected = {"dot": x @ y, "add": x + 0.5 * y, "add_pow": x + y**0.5, "mul": x * y}
    expected["if_true"] = numpy.where(is_valid, x, -99).argmax()
    expected["if_zero"] = numpy.where(y == 0, x, -99).argmax()
    expected["in place"] = (x + 0.5 * y + 0.5 * rows + y**0.5) * y
    found = client.vecvec(x, y, 0.5, is_valid)

    assert found.keys() == expected.keys()
    for name in found:
        assert_allclose(found[name], expected[name], rtol=1e-5, atol=1e-6, err_msg=name)
    assert client.vecvec(x, y + 1, 0.5, is_valid * 0)["if_true"] == -1
    assert client.vecvec(x, y + 1, 0.5, is_valid * 0)["if_zero"] == -1


def test_means_and_variances_of_columns(client, rng):
    X, mean, variance = rng.normal(size=(5, 3)).astype("f"), numpy.empty(3, "f"), numpy.empty(3, "f")
    client.mat(X, mean, variance, 0.25)

    assert_allclose(mean, X.mean(axis=0), rtol=1e-5, atol=1e-6)
    assert_allclose(variance, X.var(axis=0) + 0.25, rtol=1e-5)
    assert client.matrix_is_empty(linalg.Matrix())
