"""The tests that layers, losses and optimizers pass on a device; a test file inherits them."""

import numpy
import pytest

from thinc.api import Linear
from thinc.testing.batches import each_array

from .arrays import assert_close, cast
from .layer import parameters
from .layer_records import RECORDS
from .layer_suite import weights_like
from .loss_records import LOSSES
from .training_records import OPTIMIZERS

each_dtype = [(record, dtype) for record in RECORDS if record.backprops for dtype in record.dtypes]


def run(model, batch, dY):
    """Y, dX and the gradients of all parameters."""
    Y, backprop = model.begin_update(batch)
    dX = backprop(dY)
    grads = [node.get_grad(name) for node, name, _ in parameters(model) if node.has_grad(name)]
    return Y, dX, grads


def updated(model, optimizer, X, dY, steps=3):
    """The parameters after some steps with the same gradients."""
    for _ in range(steps):
        model.begin_update(X)[1](dY)
        model.finish_update(optimizer)
        optimizer.step_schedules()
    return [value for _, _, value in parameters(model)]


class DeviceSuite:
    """`ops`, a fixture of whoever inherits: the CupyOps to test."""

    @pytest.mark.parametrize("record, dtype", each_dtype, ids=str)
    def test_layers(self, ops, record, dtype):
        here, there, X = record.ready(dtype), record.ready(dtype), record.batch(dtype)
        dY = weights_like(here.predict(X))
        there.to_gpu(0)
        found = run(there, each_array(there.ops.asarray, X), each_array(there.ops.asarray, dY))
        for ours, theirs in zip(found, cast(run(here, X, dY), "float64")):
            assert_close(ours, theirs, dtype, 16 * record.factor)

    @pytest.mark.parametrize("record", LOSSES, ids=str)
    def test_losses(self, ops, record):
        guesses = cast(record.guesses, "float32")
        is_array = isinstance(record.truths, numpy.ndarray)
        truths = ops.asarray(record.truths, dtype="float32") if is_array else record.truths
        wanted = record.make()(guesses, record.truths)
        assert_close(record.make()(each_array(ops.asarray, guesses), truths), cast(wanted, "float64"), "float32")

    @pytest.mark.parametrize("clip", [0.0, 0.5])
    @pytest.mark.parametrize("record", OPTIMIZERS, ids=str)
    def test_optimizers(self, ops, record, clip):
        here, (X, dY) = Linear(4, 3).initialize(), numpy.random.default_rng(0).normal(size=(2, 5, 4)).astype("f")
        there, X = here.copy(), X[:, :3]
        there.to_gpu(0)
        optimizers = record.make(), record.make()
        for optimizer in optimizers:
            optimizer.grad_clip = clip
        wanted = updated(here, optimizers[0], X, dY)
        found = updated(there, optimizers[1], ops.asarray(X), ops.asarray(dY))
        assert_close(found, cast(wanted, "float64"), "float32", 64)
