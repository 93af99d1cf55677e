"""BatchNorm, RMSNorm, GLU and SwiGLU equal torch in value and in every gradient."""

import numpy
import pytest
import torch
import torch.nn.functional as F

from thinc.api import GLU, BatchNorm, RMSNorm, SwiGLU, with_array
from thinc.testing import check_gradient

from .against_torch import (
    BATCHES,
    close,
    compare,
    in_batches,
    in_containers,
    in_dtypes,
    numbers,
    pack,
    randomized,
    sequences,
    tensors_of,
    unpack,
)


@in_containers
@pytest.mark.parametrize("batch", ["ragged", "single", "with empty"])
@in_dtypes
def test_batchnorm_in_training(container, batch, dtype):
    model = randomized(BatchNorm(4).initialize(), dtype)
    statistics = {name: torch.tensor(model.get_param(name).astype("float64")) for name in ("mean", "variance")}
    lengths = BATCHES[batch]

    def reference(p, Xs):
        Y = F.batch_norm(torch.cat(Xs), *statistics.values(), p["G"], p["b"], training=True)
        return list(torch.split(Y, list(lengths)))

    compare(model, sequences(lengths, 4), reference, container, dtype)
    for name, value in statistics.items():
        close(model.get_param(name), value, dtype, name)


@in_containers
@in_batches
def test_batchnorm_in_prediction(container, batch):
    model = randomized(BatchNorm(4).initialize(), "float64")
    before = model.to_bytes()
    Xs = sequences(BATCHES[batch], 4)
    p = {name: value.detach() for (_, name), value in tensors_of(model).items()}
    for X, Y in zip(Xs, unpack(model.predict(pack(Xs, container, "float64")))):
        close(Y, F.batch_norm(torch.tensor(X), p["mean"], p["variance"], p["G"], p["b"]), "float64", "Y")
    assert model.to_bytes() == before


def test_running_statistics_are_saved_and_never_given_to_an_optimizer():
    model = BatchNorm().initialize(X=numbers(3, 4).astype("f"))
    seen = []
    for i in range(3):
        Y, backprop = model.begin_update(numbers(6, 4, seed=i).astype("f") * 3 + 1)
        backprop(Y)
        model.finish_update(lambda key, weights, gradient: (seen.append(key[1]), (weights, gradient))[1])
    twin = BatchNorm(4).initialize().from_bytes(model.to_bytes())
    X = numbers(2, 4, seed=9).astype("f")
    assert set(seen) == {"G", "b"} and model.get_param("mean").any()
    assert numpy.array_equal(model.predict(X), twin.predict(X))


def test_frozen_statistics_stay_and_are_used():
    model = randomized(BatchNorm(4).initialize(), "float64")
    model.freeze("*.mean").freeze("*.variance")
    before = model.to_bytes()
    X, dY = numbers(6, 4), numbers(6, 4, seed=1)
    Y, backprop = model.begin_update(X)
    assert numpy.array_equal(Y, model.predict(X)) and model.to_bytes() == before
    scale = model.get_param("G") / numpy.sqrt(model.get_param("variance") + 1e-5)
    numpy.testing.assert_allclose(backprop(dY), dY * scale, atol=1e-12)


def test_batchnorm_of_one_row_and_of_none():
    model = BatchNorm(4).initialize()
    model.set_param("b", numpy.arange(4, dtype="f"))
    Y, backprop = model.begin_update(numbers(1, 4).astype("f"))
    assert Y.tolist() == [[0, 1, 2, 3]] and not backprop(numpy.ones((1, 4), "f")).any()
    before = model.to_bytes()
    Y, backprop = model.begin_update(numbers(0, 4).astype("f"))
    assert Y.shape == backprop(Y).shape == (0, 4) and model.to_bytes() == before


DENSE = {
    "rmsnorm": (lambda: RMSNorm(4), lambda p, X: F.rms_norm(X, (4,), p["G"], 1e-8)),
    "rmsnorm, large ε": (lambda: RMSNorm(4, eps=0.1), lambda p, X: F.rms_norm(X, (4,), p["G"], 0.1)),
    "glu": (lambda: GLU(3, 4), lambda p, X: F.glu(F.linear(X, p["W"], p["b"]))),
    "swiglu": (lambda: SwiGLU(3, 4), lambda p, X: torch_swiglu(F.linear(X, p["W"], p["b"]))),
}


def torch_swiglu(Z):
    return Z[:, : Z.shape[1] // 2] * F.silu(Z[:, Z.shape[1] // 2 :])


@pytest.mark.parametrize("name", DENSE)
@pytest.mark.parametrize("batch", BATCHES)
@in_dtypes
def test_norms_and_gates(name, batch, dtype):
    make, reference = DENSE[name]
    model = randomized(with_array(make().initialize()), dtype)
    compare(model, sequences(BATCHES[batch], 4), lambda p, Xs: [reference(p, X) for X in Xs], "ragged", dtype)


def test_batchnorm_in_training_has_the_slopes_of_finite_differences():
    model = randomized(BatchNorm(4).initialize(), "float64")
    check_gradient(model, numbers(6, 4), ignore=("mean", "variance"))
