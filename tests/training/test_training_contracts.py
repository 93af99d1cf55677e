"""Every loss, optimizer, schedule and initializer keeps its contract."""

import copy
import itertools

import numpy
import pytest
from contracts.arrays import assert_close, assert_same, cast, lay_out
from contracts.loss_records import LOSSES
from contracts.op import FLOATS, MUTATIONS, spoil
from contracts.training_records import INITIALIZERS, OPTIMIZERS, SCHEDULES

from thinc.backends import NumpyOps, Ops
from thinc.config import registry

dtypes = pytest.mark.parametrize("dtype", FLOATS)
losses = pytest.mark.parametrize("record", LOSSES, ids=str)
optimizers = pytest.mark.parametrize("record", OPTIMIZERS, ids=str)
schedules = pytest.mark.parametrize("record", SCHEDULES, ids=str)
initializers = pytest.mark.parametrize("record", INITIALIZERS, ids=str)
mistakes = [(record, mistake) for record in LOSSES for mistake in record.bad]


def must_notice(check, found):
    """`check(found)` fails for each way in which the result may be wrong."""
    noticed = 0
    for change in MUTATIONS.values():
        wrong, differs = spoil(found, change)
        if differs:
            noticed += 1
            with pytest.raises(AssertionError):
                check(wrong)
    assert noticed


# -- losses ---------------------------------------------------------------------------------


@losses
@dtypes
def test_gradient_and_loss(record, dtype):
    guesses = cast(record.guesses, dtype)
    grad, loss = record.make()(guesses, record.truths)
    wanted_grad, wanted_loss = record.oracle(record.guesses, record.truths)
    assert_close(grad, wanted_grad, dtype, 4, record.error)
    assert float(loss) == pytest.approx(wanted_loss, abs=64 * float(numpy.finfo(dtype).eps) + record.error)
    for part in [grad] if hasattr(grad, "dtype") else grad:
        assert part.dtype == dtype


@losses
@pytest.mark.parametrize("layout", ["Fortran", "strided", "reversed", "read-only"])
def test_losses_leave_their_arguments(record, layout):
    guesses, truths = lay_out(record.guesses, layout), lay_out(copy.deepcopy(record.truths), layout)
    found = record.make()(guesses, truths)
    assert_close(found[0], record.make()(record.guesses, record.truths)[0])
    assert_same(guesses, record.guesses)
    assert_same(truths, record.truths)


@losses
def test_a_wrong_loss_is_noticed(record):
    wanted = record.oracle(record.guesses, record.truths)[0]
    found = record.make().get_grad(record.guesses, record.truths)
    must_notice(lambda grad: assert_close(grad, wanted, error=record.error), found)


@pytest.mark.parametrize("record, mistake", mistakes, ids=[f"{r}-{m[3]}" for r, m in mistakes])
def test_mistakes_are_named(record, mistake):
    guesses, truths, error, text = mistake
    with pytest.raises(error, match=text):
        record.make()(guesses, truths)


# -- optimizers -----------------------------------------------------------------------------


def run(record, dtype="float64", steps=8, key=(1, "W"), optimizer=None):
    rng = numpy.random.default_rng(0)
    optimizer = record.make() if optimizer is None else optimizer
    W, gradients = rng.normal(size=(3, 2)), rng.normal(size=(steps, 3, 2))
    found = W.astype(dtype)
    for gradient in gradients.astype(dtype):
        found, zeros = optimizer(key, found, gradient)
        assert not zeros.any() and not gradient.any()
    return found, record.oracle(W, gradients)


@optimizers
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_steps(record, dtype):
    found, wanted = run(record, dtype)
    assert found.dtype == dtype and found.shape == wanted.shape
    # The moments are float32 as in the published library's files.
    assert_close(found, wanted, dtype, 8, error=1e-6)


@optimizers
def test_keys_are_independent(record):
    optimizer = record.make()
    first, _ = run(record, "float32", key=(1, "W"), optimizer=optimizer)
    second, _ = run(record, "float32", key=(2, "W"), optimizer=optimizer)
    assert_same(first, second)


@optimizers
def test_a_wrong_step_is_noticed(record):
    found, wanted = run(record)
    must_notice(lambda W: assert_close(W, wanted, error=1e-6), found)


@optimizers
def test_an_empty_gradient_changes_nothing(record):
    W = numpy.zeros((0, 2), "float32")
    assert record.make()((1, "W"), W, W.copy())[0] is W


# -- schedules ------------------------------------------------------------------------------


def drawn(record, count=12):
    return numpy.array([float(value) for value in itertools.islice(record.make(), count)])


@schedules
def test_drawing_equals_calling(record):
    wanted = numpy.array([float(record.oracle(n)) for n in range(12)])
    assert_close(drawn(record), wanted)
    schedule = record.make()
    assert_close(numpy.array([float(schedule(n)) for n in range(12)]), wanted)


@schedules
def test_a_copy_of_a_schedule_goes_on_from_the_same_place(record):
    schedule = record.make()
    next(schedule)
    assert [next(copy.deepcopy(schedule)), next(schedule)] == [record.oracle(1)] * 2


@schedules
def test_a_wrong_schedule_is_noticed(record):
    wanted = numpy.array([float(record.oracle(n)) for n in range(12)])
    must_notice(lambda values: assert_close(values, wanted), drawn(record))


@schedules
def test_schedules_refuse_a_step_before_the_start(record):
    with pytest.raises(ValueError, match="step"):
        record.make()(-1)


# -- initializers ---------------------------------------------------------------------------


def check_distribution(record, W):
    """Mean and deviation within five standard errors; no value beyond the limit."""
    mean, deviation, limit = record.oracle(W.shape)
    error = 5 * max(deviation, 1e-12) / numpy.sqrt(W.size)
    assert abs(float(W.mean(dtype="float64")) - mean) <= error
    assert abs(float(W.std(dtype="float64")) - deviation) <= error
    assert limit is None or float(numpy.abs(W).max()) <= limit * (1 + 1e-6)


@initializers
@pytest.mark.parametrize("ops", [Ops, NumpyOps], ids=["base", "numpy"])
@pytest.mark.parametrize("shape", [(60, 80), (40, 3, 50), (10, 12, 6, 5)])
def test_distribution(record, ops, shape):
    numpy.random.seed(0)
    W = record.make()(ops(), shape, **record.options)
    assert W.dtype == "float32" and W.shape == shape
    check_distribution(record, W)
    numpy.random.seed(0)
    assert_same(record.make()(ops(), shape, **record.options), W)


@initializers
def test_a_wrong_scale_is_noticed(record):
    numpy.random.seed(0)
    W = record.make()(NumpyOps(), (60, 80), **record.options)
    for wrong in (W + 0.05, W * 1.2 if W.any() else W - 1):
        with pytest.raises(AssertionError):
            check_distribution(record, wrong)


@initializers
def test_the_registry_gives_the_same_initializer(record):
    for name in record.registered:
        configured = registry.initializers.get(name)(**record.options)
        numpy.random.seed(0)
        W = configured(NumpyOps(), (4, 3))
        numpy.random.seed(0)
        assert_same(record.make()(NumpyOps(), (4, 3), **record.options), W)
