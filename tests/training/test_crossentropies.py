"""Binary, softmax and focal cross-entropy have torch's values and torch's gradients."""

import numpy
import pytest
import torch
import torch.nn.functional as F

from thinc.api import BinaryCrossentropy, BinaryFocalCrossentropy, FocalCrossentropy, SoftmaxCrossentropy, registry
from thinc.testing.slopes import slopes

NAN = float("nan")
WEIGHTS, POS = [0.5, 2.0, 1.0], [3.0, 1.0, 0.5]
LIMITS = {"float64": 1e-12, "float32": 1e-6, "float16": 2e-3}


def logits(seed=0, n=6):
    return numpy.random.default_rng(seed).normal(size=(n, 3)) * 3


def yes_and_no(missing=False):
    truths = numpy.random.default_rng(1).integers(0, 2, size=(6, 3)).astype("float64")
    truths[0] = [0.2, 0.9, 0.5]
    if missing:
        truths[2, 1] = truths[4] = NAN
    return truths


def check(loss, guesses, truths, reference, dtype="float64"):
    """reference(leaf) -> value, by torch in float64."""
    given = guesses.astype(dtype)
    leaf = torch.tensor(given.astype("float64"), requires_grad=True)
    expected = reference(leaf)
    expected.backward()
    before = given.copy()
    d, value = loss(given, truths)
    scale = max(1.0, float(leaf.grad.abs().max()), abs(float(expected.detach())))
    assert d.dtype == dtype and d.shape == given.shape
    assert abs(d.astype("float64") - leaf.grad.numpy()).max() <= LIMITS[dtype] * scale
    assert abs(float(value) - float(expected.detach())) <= LIMITS[dtype] * scale
    assert numpy.array_equal(d, loss.get_grad(given, truths)) and value == loss.get_loss(given, truths)
    assert numpy.array_equal(given, before)


@pytest.mark.parametrize("dtype", LIMITS)
@pytest.mark.parametrize("normalize", [True, False])
@pytest.mark.parametrize("weights, pos", [(None, None), (WEIGHTS, None), (WEIGHTS, POS)])
def test_binary_at_the_logits(dtype, normalize, weights, pos):
    loss = BinaryCrossentropy(normalize=normalize, from_logits=True, class_weights=weights, pos_weights=pos)
    options = {"weight": None if weights is None else torch.tensor(weights, dtype=torch.float64)}
    options["pos_weight"] = None if pos is None else torch.tensor(pos, dtype=torch.float64)
    truths = yes_and_no().astype(dtype)

    def reference(X):
        targets = torch.tensor(truths.astype("float64"))
        how = "mean" if normalize else "sum"
        return F.binary_cross_entropy_with_logits(X, targets, reduction=how, **options)

    check(loss, logits(), truths, reference, dtype)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_binary_at_probabilities_with_missing_values(dtype, smoothing):
    guesses, truths = 1 / (1 + numpy.exp(-logits())), yes_and_no(missing=True)
    known = torch.tensor(~numpy.isnan(truths))

    def reference(P):
        targets = torch.tensor(truths.astype(dtype).astype("float64"))[known] * (1 - smoothing) + smoothing / 2
        return F.binary_cross_entropy(P[known], targets)

    check(BinaryCrossentropy(label_smoothing=smoothing), guesses, truths.astype(dtype), reference, dtype)
    marked = numpy.where(numpy.isnan(truths), -1, truths).astype(dtype)
    loss = BinaryCrossentropy(label_smoothing=smoothing, missing_value=-1)
    check(loss, guesses, marked, reference, dtype)
    assert loss.count(marked) == 14


def test_binary_of_sure_guesses_is_torchs():
    guesses, truths = numpy.array([0.0, 1.0, 0.0, 1.0]), numpy.array([0.0, 1.0, 1.0, 0.0])
    d, value = BinaryCrossentropy()(guesses, truths)
    leaf = torch.tensor(guesses, requires_grad=True)
    expected = F.binary_cross_entropy(leaf, torch.tensor(truths))
    expected.backward()
    assert value == float(expected.detach()) == 50.0
    numpy.testing.assert_allclose(d, leaf.grad.numpy())


@pytest.mark.parametrize("extreme", [50.0, 500.0])
def test_binary_of_large_logits_stays_finite(extreme):
    guesses, truths = numpy.array([[extreme, -extreme]] * 2, "f"), numpy.array([[1, 0], [0, 1]], "f")
    for gamma in (0.0, 0.5, 2.0):
        d, value = BinaryCrossentropy(from_logits=True, gamma=gamma)(guesses, truths)
        assert numpy.isfinite(d).all() and abs(value - extreme / 2) < 1e-3


def torch_binary_focal(X, T, gamma, alpha):
    """Sums of eq. 5 of arXiv:1708.02002, by autograd."""
    p = torch.sigmoid(X)
    hit = p * T + (1 - p) * (1 - T)
    entropy = F.binary_cross_entropy_with_logits(X, T, reduction="none")
    weight = 1 if alpha is None else alpha * T + (1 - alpha) * (1 - T)
    return (weight * (1 - hit) ** gamma * entropy).sum()


@pytest.mark.parametrize("gamma", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("alpha", [None, 0.25])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_binary_focal(gamma, alpha, dtype):
    truths = (yes_and_no() > 0.5).astype(dtype)
    loss = BinaryFocalCrossentropy(gamma=gamma, alpha=alpha, from_logits=True)

    def reference(X):
        return torch_binary_focal(X, torch.tensor(truths.astype("float64")), gamma, alpha) / truths.size

    check(loss, logits(), truths, reference, dtype)


def test_binary_focal_at_probabilities_has_the_slopes_of_its_value():
    guesses, truths = 1 / (1 + numpy.exp(-logits())), yes_and_no()
    loss = BinaryCrossentropy(gamma=1.5, alpha=0.3, class_weights=WEIGHTS, pos_weights=POS)
    found = slopes(lambda: float(loss.get_loss(guesses, truths)), guesses)
    numpy.testing.assert_allclose(loss.get_grad(guesses, truths), found, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("dtype", LIMITS)
@pytest.mark.parametrize("normalize", [True, False])
@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("missing", [None, 1, -1])
def test_softmax_at_the_logits(dtype, normalize, weights, smoothing, missing):
    truths = [0, 2, 1, 1, 0, 2] if missing != -1 else [0, -1, 1, -1, 0, 2]
    loss = SoftmaxCrossentropy(
        normalize=normalize, from_logits=True, class_weights=weights, label_smoothing=smoothing, missing_value=missing
    )

    def reference(X):
        return F.cross_entropy(
            X,
            torch.tensor(truths),
            weight=None if weights is None else torch.tensor(weights, dtype=torch.float64),
            reduction="mean" if normalize else "sum",
            label_smoothing=smoothing,
            ignore_index=-100 if missing is None else missing,
        )

    check(loss, logits(), truths, reference, dtype)
    check(loss, logits(), numpy.array(truths), reference, dtype)


@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_softmax_with_shares_as_truths(weights, smoothing):
    truths = numpy.random.default_rng(2).dirichlet([1, 1, 1], size=6)
    weight = None if weights is None else torch.tensor(weights, dtype=torch.float64)

    def reference(X):
        return F.cross_entropy(X, torch.tensor(truths), weight=weight, label_smoothing=smoothing)

    check(
        SoftmaxCrossentropy(from_logits=True, class_weights=weights, label_smoothing=smoothing),
        logits(),
        truths,
        reference,
    )


def torch_focal(X, truths, gamma, weight):
    """Eq. 4 of arXiv:1708.02002 with a softmax, by autograd."""
    log_p = F.log_softmax(X, dim=1)[torch.arange(len(X)), truths]
    w = torch.ones(len(X), dtype=torch.float64) if weight is None else torch.tensor(weight, dtype=torch.float64)[truths]
    return -(w * (1 - log_p.exp()) ** gamma * log_p).sum() / w.sum()


@pytest.mark.parametrize("gamma", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_softmax_focal(gamma, weights, dtype):
    truths = [0, 2, 1, 1, 0, 2]
    loss = FocalCrossentropy(gamma=gamma, class_weights=weights, from_logits=True)
    check(loss, logits(), truths, lambda X: torch_focal(X, torch.tensor(truths), gamma, weights), dtype)


@pytest.mark.parametrize("gamma", [0.0, 2.0])
def test_probabilities_give_the_gradient_at_the_logits(gamma):
    X, truths = logits(), ["b", "?", "a", "c", "a", "b"]
    options = {"names": ["a", "b", "c"], "missing_value": "?", "gamma": gamma, "class_weights": WEIGHTS}
    P = numpy.exp(X) / numpy.exp(X).sum(axis=1, keepdims=True)
    d, value = SoftmaxCrossentropy(**options)(P, truths)
    expected, expected_value = SoftmaxCrossentropy(from_logits=True, **options)(X, truths)
    numpy.testing.assert_allclose(d, expected, atol=1e-12)
    assert abs(value - expected_value) < 1e-12 and not d[1].any()
    assert SoftmaxCrossentropy(**options).count(truths) == sum(WEIGHTS) + WEIGHTS[0] + WEIGHTS[1]


def test_nothing_known_costs_nothing():
    d, value = SoftmaxCrossentropy(missing_value=0)(numpy.full((2, 3), 1 / 3, "f"), [0, 0])
    assert not d.any() and value == 0
    d, value = BinaryCrossentropy()(numpy.full((2, 3), 0.5, "f"), numpy.full((2, 3), NAN, "f"))
    assert not d.any() and value == 0
    for loss in (SoftmaxCrossentropy(), SoftmaxCrossentropy(from_logits=True), BinaryCrossentropy()):
        d, value = loss(numpy.zeros((0, 3), "f"), numpy.zeros((0, 3), "f"))
        assert d.shape == (0, 3) and value == 0


def test_bad_arguments_are_named():
    for build in (
        lambda: BinaryCrossentropy(gamma=-1.0),
        lambda: BinaryCrossentropy(label_smoothing=1.0),
        lambda: SoftmaxCrossentropy(label_smoothing=-0.1),
    ):
        with pytest.raises(ValueError, match="gamma"):
            build()
    with pytest.raises(ValueError, match="Cannot calculate.*guesses.*2.0"):
        BinaryCrossentropy()(numpy.full(2, 2.0), numpy.zeros(2))
    with pytest.raises(ValueError, match="Cannot calculate.*truth"):
        BinaryCrossentropy()(numpy.full(2, 0.5), numpy.full(2, -1.0))
    with pytest.raises(ValueError, match="Cannot calculate.*guesses"):
        SoftmaxCrossentropy()(numpy.full((2, 3), -1.0), [0, 1])
    with pytest.raises(ValueError, match="shape"):
        BinaryCrossentropy()(numpy.zeros((2, 3)), numpy.zeros(2))


def test_config_builds_them():
    for name in ("BinaryCrossentropy.v1", "BinaryFocalCrossentropy.v1"):
        loss = registry.resolve({"loss": {"@losses": name, "from_logits": True}})["loss"]
        assert loss.from_logits and loss.gamma == (2.0 if "Focal" in name else 0.0)
    for name in ("SoftmaxCrossentropy.v1", "FocalCrossentropy.v1"):
        block = {"@losses": name, "class_weights": WEIGHTS, "label_smoothing": 0.1}
        assert registry.resolve({"loss": block})["loss"].class_weights == WEIGHTS
