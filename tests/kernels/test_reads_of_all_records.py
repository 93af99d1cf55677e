"""No layer, loss or optimizer reads from the device what the host can know, but for those named here."""

from pathlib import Path

import numpy
import pytest
from contracts.arrays import assert_close, cast
from contracts.layer_records import RECORDS
from contracts.layer_suite import weights_like
from contracts.loss_records import LOSSES
from contracts.training_records import OPTIMIZERS

from thinc.api import (
    Adam,
    CategoricalCrossentropy,
    CosineDistance,
    CupyOps,
    Embed,
    Linear,
    NumpyOps,
    SequenceCategoricalCrossentropy,
    Softmax,
    TransformerEncoder,
    chain,
    list2padded,
    list2ragged,
    noop,
    padded2list,
    ragged2list,
    to_categorical,
    use_ops,
    with_array,
    with_array2d,
)
from thinc.loss import BinaryCrossentropy, SoftmaxCrossentropy
from thinc.shims import torch_arrays
from thinc.testing.batches import each_array

from .emulator import why_not
from .fake_cupy import ndarray
from .on_stand_in import OnStandIn
from .stand_in_plugin import TorchOnHost
from .test_strict_cupy import cupy  # noqa: F401  (a fixture)

EXAMPLES = Path(__file__).parents[2] / "examples"
pytestmark = pytest.mark.skipif(why_not() is not None, reason=str(why_not()))

# What has to read, by the name of its record, and why.
READS = {
    "with_cpu": "it is there to take its layer's input to the host and the output back",
}


@pytest.fixture
def ops(cupy, monkeypatch):  # noqa: F811
    monkeypatch.setattr(CupyOps, "_cuda", OnStandIn())
    return CupyOps()


def reads_of(run):
    """What the second run reads: the first may set things up."""
    run()
    ndarray.reads.clear()
    run()
    found = list(ndarray.reads)
    ndarray.reads.clear()
    return found


def check(record, found):
    assert bool(found) == (str(record) in READS), found


@pytest.mark.parametrize("record", [r for r in RECORDS if r.backprops], ids=str)
def test_layers(ops, record):
    """Forward, backward and Adam with clipping; the batch and its lengths came from the host."""
    model, X = record.ready("float32"), record.batch("float32")
    dY = each_array(ops.asarray, weights_like(model.predict(X)))
    X, optimizer = each_array(ops.asarray, X), Adam(0.01, grad_clip=1.0)
    model.to_gpu(0)

    def step():
        model.begin_update(X)[1](dY)
        model.finish_update(optimizer)

    check(record, reads_of(step))


@pytest.mark.parametrize("record", [r for r in RECORDS if not r.backprops], ids=str)
def test_layers_over_strings(ops, record):
    model, X = record.ready(), record.batch()
    model.to_gpu(0)
    check(record, reads_of(lambda: model.predict(X)))


@pytest.mark.parametrize("record", LOSSES, ids=str)
@pytest.mark.parametrize("truths_on", ["host", "device"])
def test_losses(ops, record, truths_on):
    """Guesses are what a softmax gave, truths came from the host; nobody has asked for a float yet."""
    loss, lengths = record.make(), [len(part) for part in record.guesses]
    is_list = isinstance(record.guesses, list)
    logits = numpy.log(numpy.concatenate(record.guesses) if is_list else record.guesses).astype("f")
    truths = record.truths
    if truths_on == "device" or isinstance(truths, numpy.ndarray):
        truths = on_device(ops, truths)

    def run(ops, X, truths):
        guesses = ops.softmax(X)
        return loss(ops.unflatten(guesses, lengths) if is_list else guesses, truths)

    X = ops.asarray(logits)
    check(record, reads_of(lambda: run(ops, X, truths)))
    assert_close(run(ops, X, truths), cast(run(NumpyOps(), logits, record.truths), "float64"), "float32")


@pytest.mark.parametrize(
    "loss, truths",
    [
        (CategoricalCrossentropy(missing_value=2), [0, 2, 1]),
        (CategoricalCrossentropy(missing_value=-1), [0, -1, 1]),
        (CategoricalCrossentropy(missing_value=0), numpy.eye(3, dtype="f")),
        (CategoricalCrossentropy(names="abc", neg_prefix="!", missing_value=""), ["a", "!b", ""]),
        (CategoricalCrossentropy(names="abc", neg_prefix="!", label_smoothing=0.1), ["a", "!b", "c"]),
        (SoftmaxCrossentropy(missing_value=2, class_weights=[1, 2, 3]), [0, 2, 1]),
        (BinaryCrossentropy(), numpy.array([[0, 1, numpy.nan]] * 3, "f")),
        (CosineDistance(ignore_zeros=True), numpy.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], "f")),
    ],
    ids=lambda value: type(value).__name__,
)
def test_truths_that_are_missing_or_negated(ops, loss, truths):
    logits = numpy.log(numpy.arange(1, 10, dtype="f").reshape(3, 3))
    X, there = ops.asarray(logits), on_device(ops, truths)
    assert reads_of(lambda: loss(ops.softmax(X), there)) == []
    wanted = cast(loss(NumpyOps().softmax(logits), truths), "float64")
    assert_close(loss(ops.softmax(X), there), wanted, "float32")


def test_what_is_known_of_probabilities_is_checked(ops):
    good = ops.asarray(numpy.full((2, 2), 0.5, "f"))
    wrong = ops.asarray(numpy.array([[0.5, 1.5], [0, 0]], "f"))
    for loss in (CategoricalCrossentropy(), SoftmaxCrossentropy()):
        assert reads_of(lambda: loss(good, [0, 1])) == []
        for guesses, truths in ((wrong, [0, 1]), (good, wrong), (ops.clipped_linear(good, 9.0, max_val=9.0), [0, 1])):
            with pytest.raises(ValueError, match="outside"):
                loss(guesses, truths)
    ops.clipped_linear(good, 9.0, max_val=9.0, inplace=True)
    with pytest.raises(ValueError, match="outside"):
        loss(good, [0, 1])


def test_ids_that_are_no_classes_are_refused(ops):
    """CuPy's arrays take any index, and begin again at 0."""
    guesses = ops.softmax(ops.alloc2f(2, 3))
    for ids in ([0, 3], ops.asarray([0, 3]), ops.xp.asarray([0, -1])):
        with pytest.raises(IndexError, match="class"):
            CategoricalCrossentropy()(guesses, ids)
    for ids in (ops.asarray([0, 3]), ops.xp.asarray([0, 3])):
        with pytest.raises(IndexError, match="from 0 to 3"):
            to_categorical(ids, n_classes=3)
    assert to_categorical(ops.asarray([[0, 2]]), 3).tolist() == [[[1, 0, 0], [0, 0, 1]]]


def on_device(ops, truths):
    """Arrays and lists of ids as arrays of the device; names as they are."""
    if isinstance(truths, list) and isinstance(truths[0], list):
        return [on_device(ops, part) for part in truths]
    if isinstance(truths, list) and isinstance(truths[0], str):
        return truths
    return ops.asarray(numpy.asarray(truths, None if isinstance(truths, list) else "float32"))


@pytest.mark.parametrize("record", OPTIMIZERS, ids=str)
def test_optimizers(ops, record):
    model, optimizer = Linear(4, 3).initialize(), record.make()
    optimizer.grad_clip = 1.0
    model.to_gpu(0)
    X, dY = ops.asarray(numpy.ones((5, 3), "f")), ops.asarray(numpy.ones((5, 4), "f"))

    def step():
        model.begin_update(X)[1](dY)
        model.finish_update(optimizer)
        optimizer.step_schedules()

    check(record, reads_of(step))


def test_a_step_of_the_language_network(ops, monkeypatch):
    """The whole network of examples/language_id.py on texts, with its dropouts and the BiLSTM of torch."""
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(torch_arrays, "_torch", TorchOnHost(torch))
    monkeypatch.syspath_prepend(EXAMPLES)
    from language_network import create_model

    texts, Y = ["ein", "text", "zwei"], numpy.eye(3, dtype="f")
    with use_ops("cupy"):
        model = create_model(width=4, hidden=8).initialize(X=texts, Y=ops.asarray(Y))
    truths, optimizer = model.ops.asarray(Y), Adam(0.01)

    def step():
        guesses, backprop = model.begin_update(texts)
        backprop((guesses - truths) / len(texts))
        model.finish_update(optimizer)
        optimizer.step_schedules()

    assert isinstance(model.ops, CupyOps) and reads_of(step) == []


@pytest.mark.parametrize("container", ["ragged", "padded", "list"])
def test_a_step_of_a_transformer(ops, container):
    """Two layers over ids, with attention, dropout and a loss of class ids."""
    into, back = {
        "ragged": (list2ragged(), ragged2list()),
        "padded": (list2padded(), padded2list()),
        "list": (noop(), noop()),
    }[container]
    encoder = TransformerEncoder(8, depth=2, n_heads=2, activation="swiglu", rotary=True)
    model = chain(with_array(Embed(8, 20)), into, encoder, with_array2d(Softmax(3)), back)
    on_host = [numpy.arange(n) for n in (3, 1, 4)]
    model.initialize(X=on_host, Y=[numpy.zeros((len(x), 3), "f") for x in on_host]).to_gpu(0)
    loss, optimizer = SequenceCategoricalCrossentropy(), Adam(0.01)

    def step():
        guesses, backprop = model.begin_update(list(map(ops.asarray, on_host)))
        backprop(loss.get_grad(guesses, [[0, 1, 2], [1], [2, 2, 0, 1]]))
        model.finish_update(optimizer)

    assert reads_of(step) == []


def test_what_is_named_exists():
    assert set(READS) <= {str(record) for record in (*RECORDS, *LOSSES, *OPTIMIZERS)}
