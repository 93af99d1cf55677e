"""The losses give the published gradients and values."""

import numpy
import pytest

from thinc.config import registry
from thinc.errors import LabelError
from thinc.loss import (
    CategoricalCrossentropy,
    CosineDistance,
    L2Distance,
    Loss,
    SequenceCategoricalCrossentropy,
    SoftmaxCrossentropy,
    to_categorical,
)

GUESSES = numpy.array([[0.1, 0.5, 0.4], [0.2, 0.2, 0.6]], "f")
NAMES = ["a", "b", "c"]
GRAD = [[-0.45, 0.25, 0.2], [0.1, 0.1, -0.2]]
TRUTHS = [
    [0, 2],
    (0, 2),
    [numpy.int64(0), numpy.int32(2)],
    ["a", "c"],
    numpy.array([0, 2]),
    numpy.array([[1, 0, 0], [0, 0, 1]]),
    numpy.array([[1, 0, 0], [0, 0, 1]], "f"),
]


def close(actual, expected):
    numpy.testing.assert_allclose(actual, expected, atol=1e-6)


@pytest.mark.parametrize("truths", TRUTHS)
def test_truths_of_every_kind_mean_the_same(truths):
    if isinstance(truths, numpy.ndarray):
        truths.flags.writeable = False
    grad, loss = CategoricalCrossentropy(names=NAMES)(GUESSES, truths)
    close(grad, GRAD)
    close(loss, 0.365)
    assert grad.dtype == loss.dtype == "float32"


def test_without_normalize_the_gradient_is_the_sum():
    grad, loss = CategoricalCrossentropy(normalize=False)(GUESSES, [0, 2])
    close(grad, numpy.array(GRAD) * 2)
    close(loss, 1.46)


def test_label_smoothing():
    grad, loss = CategoricalCrossentropy(label_smoothing=0.1)(GUESSES, [0, 2])
    close(grad, [[-0.4, 0.225, 0.175], [0.075, 0.075, -0.15]])
    close(loss, 0.275)
    with pytest.raises(ValueError, match="smoothing"):
        CategoricalCrossentropy(label_smoothing=0.1).get_grad(GUESSES, GUESSES)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_negated_names_say_only_what_is_not(smoothing):
    cc = CategoricalCrossentropy(names=NAMES, neg_prefix="!", label_smoothing=smoothing)
    grad = cc.get_grad(GUESSES, ["!b", "c"])
    close(grad[0], [0, 0.25, 0])
    if not smoothing:
        close(grad[1], [0.1, 0.1, -0.2])
        close(cc.get_loss(GUESSES, ["!b", "c"]), 0.1225)


@pytest.mark.parametrize(
    "missing, truths",
    [
        (2, [0, 2]),
        (-1, [0, -1]),
        ("", ["a", ""]),
        (-1, numpy.array([0, -1])),
        (2, numpy.array([[1, 0, 0], [0, 0, 1]], "f")),
    ],
)
def test_missing_rows_cost_nothing(missing, truths):
    before = numpy.array(truths)
    grad = CategoricalCrossentropy(names=NAMES, missing_value=missing).get_grad(GUESSES, truths)
    close(grad, [GRAD[0], [0, 0, 0]])
    assert (before == numpy.array(truths)).all()


def test_wrong_truths_are_refused():
    cc = CategoricalCrossentropy(names=NAMES)
    for error, truths in [
        (IndexError, [0, 3]),
        (IndexError, [0, -1]),
        (IndexError, numpy.array([0, -1])),
        (KeyError, ["a", "x"]),
        (TypeError, [0, None]),
        (ValueError, [0]),
    ]:
        with pytest.raises(error):
            cc.get_grad(GUESSES, truths)
    with pytest.raises(ValueError, match=r"CategoricalCrossentropy\(names=\[...\]\)"):
        CategoricalCrossentropy().get_grad(GUESSES, ["a", "c"])
    with pytest.raises(ValueError):
        cc.get_grad(GUESSES.tolist(), [0, 2])


@pytest.mark.parametrize("method", ["get_grad", "get_loss", "__call__"])
def test_values_outside_0_and_1_are_refused(method):
    low = GUESSES - 1
    with pytest.raises(ValueError, match="Cannot calculate.*guesses"):
        getattr(CategoricalCrossentropy(), method)(low, [0, 2])
    with pytest.raises(ValueError, match="Cannot calculate.*guesses"):
        getattr(SequenceCategoricalCrossentropy(), method)([low], [[0, 2]])
    with pytest.raises(ValueError, match="Cannot calculate.*truth"):
        getattr(CategoricalCrossentropy(), method)(GUESSES, GUESSES * 2)
    with pytest.raises(ValueError, match="^SoftmaxCrossentropy: Cannot calculate.*truth"):
        getattr(SoftmaxCrossentropy(), method)(GUESSES, GUESSES * 2)


def test_truths_are_converted_whatever_their_range():
    targets, mask = CategoricalCrossentropy().convert_truths(GUESSES * 2, GUESSES)
    assert (targets == GUESSES * 2).all() and (mask == 1).all()


def test_empty_batches_have_empty_gradients():
    empty = numpy.zeros((0, 3), "f")
    for truths in ([], empty, numpy.zeros(0, "i")):
        grad, loss = CategoricalCrossentropy()(empty, truths)
        assert grad.shape == (0, 3) and loss == 0
    assert SequenceCategoricalCrossentropy()([], []) == ([], 0.0)
    assert L2Distance()(empty, empty)[0].shape == CosineDistance()(empty, empty)[0].shape == (0, 3)


def test_sequences_are_normalized_by_their_number():
    scc = SequenceCategoricalCrossentropy(names=NAMES)
    grads, loss = scc([GUESSES, GUESSES[:1]], [["a", "c"], ["a"]])
    close(grads[0], GRAD)
    close(grads[1], GRAD[:1])
    close(loss, 0.365 + 0.305)
    with pytest.raises(ValueError):
        scc([GUESSES], [])


def test_l2_distance():
    truths = numpy.array([[0, 0, 0], [0.2, 0.2, 0.6]], "f")
    grad, loss = L2Distance()(GUESSES, truths)
    close(grad, [[0.05, 0.25, 0.2], [0, 0, 0]])
    close(loss, 0.105)
    close(L2Distance(normalize=False).get_loss(GUESSES, truths), 0.42)
    for distance in (L2Distance(), CosineDistance()):
        with pytest.raises(ValueError):
            distance(GUESSES, truths[:1])


def test_cosine_distance_of_orthogonal_and_opposite_vectors():
    X = numpy.array([[1, 0], [1, 0], [1, 0]], "f")
    Y = numpy.array([[0, 2], [-3, 0], [4, 0]], "f")
    close(CosineDistance().get_similarity(X, Y)[:, 0], [0, -1, 1])
    close(CosineDistance(normalize=False).get_loss(X, Y), 3)
    close(CosineDistance().get_loss(X, Y), 1)


def test_cosine_gradient_is_the_slope_of_the_loss():
    rng = numpy.random.default_rng(0)
    X, Y = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
    cosine, grad = CosineDistance(), CosineDistance().get_grad(X, Y)
    for i in numpy.ndindex(3, 4):
        step = numpy.zeros((3, 4))
        step[i] = 1e-6
        slope = (cosine.get_loss(X + step, Y) - cosine.get_loss(X - step, Y)) / 2e-6
        assert abs(slope - grad[i]) < 1e-6


def test_ignored_zeros_cost_nothing():
    Y = GUESSES * numpy.array([[0], [1]], "f")
    grad, loss = CosineDistance(ignore_zeros=True)(GUESSES, Y)
    close(grad, numpy.zeros((2, 3)))
    close(loss, 0)


@pytest.mark.parametrize("loss", [CategoricalCrossentropy(), L2Distance(), CosineDistance(ignore_zeros=True)])
def test_right_guesses_have_no_gradient(loss):
    for Y in (numpy.eye(3), numpy.array([[0.0, 1.0, 0.5], [0.0, 0.0, 0.0]])):
        close(loss.get_grad(Y, Y), 0 * Y)


def test_to_categorical():
    close(to_categorical(numpy.array([[1], [0]])), [[[0, 1]], [[1, 0]]])
    close(to_categorical([1, 0], 3, label_smoothing=0.2), [[0.1, 0.8, 0.1], [0.8, 0.1, 0.1]])
    assert to_categorical(numpy.zeros(0, "i"), 4).shape == to_categorical([], 4).shape == (0, 4)
    with pytest.raises(IndexError):
        to_categorical([3], 3)


@pytest.mark.parametrize(
    "Y, n_classes, smoothing, message",
    [
        ([0, 0, 0], 0, 0.0, "n_classes should be at least 1"),
        ([0, 0], 1, 0.01, "n_classes should be greater than 1.*label smoothing.*but 1"),
        ([0, 0], None, 0.01, "n_classes should be greater than 1.*label smoothing.*but 1"),
        ([0, 1], 2, 0.5, "label_smoothing parameter"),
        ([0, 1], 2, -0.1, "label_smoothing"),
    ],
)
def test_impossible_targets_are_refused(Y, n_classes, smoothing, message):
    with pytest.raises(ValueError, match=message):
        to_categorical(numpy.array(Y), n_classes, label_smoothing=smoothing)


NAME_SETTINGS = {"normalize": False, "names": NAMES}


@pytest.mark.parametrize(
    "name, settings",
    [
        ("CategoricalCrossentropy.v1", {**NAME_SETTINGS, "missing_value": "a"}),
        ("CategoricalCrossentropy.v2", {**NAME_SETTINGS, "missing_value": 0, "neg_prefix": "!"}),
        ("CategoricalCrossentropy.v3", {**NAME_SETTINGS, "label_smoothing": 0.1}),
        ("SequenceCategoricalCrossentropy.v1", NAME_SETTINGS),
        ("SequenceCategoricalCrossentropy.v2", {**NAME_SETTINGS, "neg_prefix": "!"}),
        ("SequenceCategoricalCrossentropy.v3", {"missing_value": "", "label_smoothing": 0.1}),
        ("L2Distance.v1", {"normalize": False}),
        ("CosineDistance.v1", {"ignore_zeros": True}),
    ],
)
def test_losses_come_from_a_config(name, settings):
    loss = registry.resolve({"test": {"@losses": name, **settings}})["test"]
    assert isinstance(loss, Loss) and loss.normalize == settings.get("normalize", True)


@pytest.mark.parametrize("truths", [
    [["a", "c"], ["b"], ["c", "c", "a"]],
    [["a", "!c"], ["b"], ["c", "", "a"]],
    [[0, 2], [1], [2, 2, 0]],
    [numpy.array(ids) for ids in ([0, 2], [1], [2, 2, 0])],
    [[0, 2], numpy.array([1]), numpy.eye(3, dtype="f")],
])  # fmt: skip
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_sequences_have_the_gradients_of_each_alone(truths, smoothing):
    if smoothing and any(getattr(y, "ndim", 1) == 2 for y in truths):
        truths = truths[:2]
    options = {"names": NAMES, "neg_prefix": "!", "missing_value": "", "label_smoothing": smoothing}
    rng = numpy.random.default_rng(0)
    guesses = [rng.uniform(size=(len(y), 3)).astype("f") for y in truths]
    for guess in guesses:
        guess.flags.writeable = False
    cc = CategoricalCrossentropy(normalize=False, **options)
    found = SequenceCategoricalCrossentropy(**options).get_grad(guesses, truths)
    for d, guess, y in zip(found, guesses, truths, strict=True):
        targets, mask = cc.convert_truths(y, guess)
        numpy.testing.assert_allclose(d, (guess - targets) * mask / len(truths), atol=1e-7)
        assert d.dtype == "float32"


def test_an_unknown_name_is_told_with_those_that_are_known():
    cc = CategoricalCrossentropy(names=NAMES)
    with pytest.raises(LabelError, match="the truth 'x' is not one of the names: 'a', 'b'"):
        cc.get_grad(GUESSES, ["a", "x"])


def test_an_id_beyond_the_classes_is_told_with_their_number():
    with pytest.raises(LabelError, match="go from 0 to 5, but there are 2 classes"):
        to_categorical(numpy.array([0, 5]), 2)
