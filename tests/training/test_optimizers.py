"""The optimizers take the published steps, and go on exactly where they were saved."""

import copy
import pickle

import numpy
import pytest
import torch

from thinc.config import registry
from thinc.errors import LoadError
from thinc.optimizers import SGD, Adam, AdamW, Lion, Optimizer, RAdam
from thinc.schedules import compounding, constant, decaying, plateau

VECTORS = [
    (lambda: SGD(0.1, grad_clip=0), ".9,1.2,.95 | .8,1.4,.9 | .7,1.6,.85 | .6,1.8,.8"),
    (
        lambda: SGD(0.1),
        ".956356,1.087287,.978178 | .912713,1.174574,.956356 | .869069,1.261862,.934535",
    ),
    (
        lambda: SGD(0.1, L2=0.1, grad_clip=0),
        ".891,1.188,.9405 | .78309,1.37412,.881595 | .676259,1.558379,.823279",
    ),
    (
        lambda: SGD(0.1, L2=0.1, grad_clip=0, L2_is_weight_decay=False),
        ".89,1.19,.94 | .7811,1.3781,.8806 | .673289,1.564319,.821794",
    ),
    (
        lambda: Adam(0.1),
        ".8999994,1.1000006,.8999995 | .7999988,1.2000012,.799999 | .6999982,1.3000019,.6999984",
    ),
    (
        lambda: Adam(0.1, L2=0.1),
        ".890999,1.089001,.8909995 | .783089,1.177111,.783089 | .676257,1.264341,.676257",
    ),
    (
        lambda: RAdam(0.1),
        ".97703,1.045941,.988515 | .946431,1.107138,.973216 | .912039,1.175922,.956020 | "
        ".875388,1.249225,.937694 | .872916,1.251696,.935222",
    ),
]


def train(optimizer, steps, weights=None, dtype="float32", first=0):
    """Weights after steps with gradients that differ from step to step."""
    weights = numpy.linspace(-1, 1, 6, dtype=dtype).reshape(2, 3) if weights is None else weights
    for i in range(first, first + steps):
        gradient = numpy.random.default_rng(i).normal(size=(2, 3)).astype(dtype)
        optimizer((1, "W"), weights, gradient)
        optimizer.step_schedules()
    return weights


@pytest.mark.parametrize("build, text", VECTORS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_steps_are_the_published_ones(build, text, dtype):
    optimizer, weights = build(), numpy.ones(3, dtype)
    for row in text.split("|"):
        gradient = numpy.array([1, -2, 0.5], dtype)
        returned, zeroed = optimizer((0, "W"), weights, gradient)
        expected = [float(v) for v in row.split(",")]
        numpy.testing.assert_allclose(weights, expected, atol=3e-6)
        assert numpy.shares_memory(returned, weights) and zeroed is gradient
        assert not gradient.any() and weights.dtype == dtype


def test_averages_and_moments_are_the_published_ones():
    optimizer, weights = Adam(0.1), numpy.ones(3, "f")
    for _ in range(3):
        optimizer((0, "W"), weights, numpy.array([1, -2, 0.5], "f"))
    average = optimizer.averages[(0, "W")]
    # The published values carry the rounding of β2 to float32: 1 − β2 is off by 1.3e-5 of itself.
    numpy.testing.assert_allclose(average, [0.725873, 1.246156, 0.725873], atol=3e-6)
    numpy.testing.assert_allclose(optimizer.mom1[(0, "W")], [0.118274, -0.236548, 0.059137], atol=1e-6)


@pytest.mark.parametrize("L2", [0.0, 0.1])
def test_adam_walks_with_torch_for_100_steps(L2):
    start = numpy.random.default_rng(0).normal(size=(4, 5)).astype("f")
    ours, theirs = start.copy(), torch.nn.Parameter(torch.tensor(start))
    optimizer = Adam(0.01, L2=L2, grad_clip=0, L2_is_weight_decay=False)
    reference = torch.optim.Adam([theirs], lr=0.01, weight_decay=L2)
    for i in range(100):
        gradient = numpy.random.default_rng(i).normal(size=(4, 5)).astype("f")
        theirs.grad = torch.tensor(gradient)
        reference.step()
        optimizer((0, "W"), ours, gradient.copy())
        # Torch divides √m2, not the rate, by the correction: its ε is a little larger.
        numpy.testing.assert_allclose(ours, theirs.detach().numpy(), atol=1e-5)


def test_a_gradient_without_rows_changes_nothing():
    optimizer = Optimizer(0.1, use_radam=True, use_averages=False, L2=0.1, L2_is_weight_decay=False)
    empty = numpy.zeros((0, 3), "f")
    weights, gradient = optimizer((0, "W"), empty, empty)
    assert weights is empty and gradient is empty and not optimizer.nr_update


def test_nan_gradients_are_zeroed():
    gradient = numpy.full(3, numpy.nan, "f")
    Adam(0.1)((0, "W"), numpy.ones(3, "f"), gradient)
    assert not gradient.any()


@pytest.mark.parametrize("build", [SGD, Adam, RAdam])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_strided_weights_are_updated_in_place(build, dtype):
    buffer = numpy.ones((3, 4), dtype)
    build(0.1)((0, "W"), buffer[:, ::2], numpy.ones((3, 2), dtype))
    assert (buffer[:, ::2] < 1).all() and (buffer[:, 1::2] == 1).all()


def test_lr_scale_scales_the_step():
    for build in (SGD, Adam, RAdam):
        one, half = numpy.ones(3, "f"), numpy.ones(3, "f")
        build(0.1)((0, "W"), one, numpy.ones(3, "f"))
        build(0.1)((0, "W"), half, numpy.ones(3, "f"), lr_scale=0.5)
        numpy.testing.assert_allclose(1 - half, (1 - one) / 2, rtol=1e-5)


def test_schedules_end_with_their_last_value():
    sources = [[1, 2, 3], iter([1, 2, 3]), (x for x in [1.0, 2.0, 3.0]), compounding(1, 3, 2)]
    for source in sources:
        optimizer = Optimizer(source)
        assert "learn_rate" in optimizer.schedules and optimizer.learn_rate == 1.0
        values = []
        for _ in range(4):
            optimizer.step_schedules()
            values.append(optimizer.learn_rate)
        assert values == [2, 3, 3, 3]
        optimizer.learn_rate = 1.0
        assert optimizer.learn_rate == 1.0


@pytest.mark.parametrize("value", [1, True, 0.5, numpy.float32(0.5), numpy.int64(2)])
def test_numbers_become_plain_floats(value):
    optimizer = Adam(value, beta1=value)
    assert type(optimizer.learn_rate) is float and optimizer.b1 == value


@pytest.mark.parametrize("value", ["hello", [], (x for x in []), (1, 2), None, ["a"]])
def test_a_bad_setting_is_named(value):
    with pytest.raises(ValueError, match="learn_rate"):
        Optimizer(learn_rate=value)


def test_unknown_attributes_are_refused():
    with pytest.raises(AttributeError):
        Adam().lr = 1.0


def test_plateau_reads_the_last_score():
    optimizer = Optimizer(plateau(1, 0.5, constant(1.0)))
    for score, expected in [(1.0, 1.0), (0.5, 0.5), (0.4, 0.25)]:
        optimizer.last_score = score
        optimizer.step_schedules()
        assert optimizer.learn_rate == expected


BUILDERS = [
    lambda: SGD(0.1),
    lambda: Adam(decaying(0.1, 0.1), L2=[0.0, 0.1, 0.2, 0.3]),
    lambda: Adam((0.1 / (1 + i) for i in range(5)), use_averages=False),
    lambda: RAdam(compounding(0.1, 0.01, 0.8), grad_clip=iter([1.0, 2.0])),
    lambda: Adam(plateau(2, 0.5, decaying(0.1, 0.1))),
]


@pytest.mark.parametrize("build", BUILDERS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("k", [0, 1, 4])
def test_resuming_is_bit_equal(build, dtype, k):
    whole, stopped, resumed = build(), build(), build()
    expected = train(whole, 10, dtype=dtype)
    weights = train(stopped, k, dtype=dtype)
    assert resumed.from_bytes(stopped.to_bytes()) is resumed
    assert train(resumed, 10 - k, weights, dtype, first=k).tobytes() == expected.tobytes()
    assert resumed.to_bytes() == whole.to_bytes()


def test_keys_of_every_kind_are_saved():
    optimizer = Adam(0.1)
    for key in ((1, "W"), "pytorch_1_weight", 7):
        optimizer(key, numpy.ones(3, "f"), numpy.ones(3, "f"))
    resumed = Adam(0.1).from_bytes(optimizer.to_bytes())
    assert list(resumed.mom1) == list(resumed.nr_update) == [(1, "W"), "pytorch_1_weight", 7]


def test_bad_bytes_change_nothing():
    optimizer = Adam(0.1)
    train(optimizer, 2)
    before = optimizer.to_bytes()
    other = Adam([0.1, 0.2]).to_bytes()
    for data in [b"", b"nonsense", before[:-9], other]:
        with pytest.raises(LoadError):
            optimizer.from_bytes(data)
        assert optimizer.to_bytes() == before


def test_optimizers_are_copied_and_pickled():
    optimizer = Adam(decaying(0.1, 0.1))
    weights = train(optimizer, 3)
    for twin in (copy.deepcopy(optimizer), pickle.loads(pickle.dumps(optimizer))):
        twin_weights = train(twin, 2, weights.copy(), first=3)
        fresh = pickle.loads(pickle.dumps(optimizer))
        assert (train(fresh, 2, weights.copy(), first=3) == twin_weights).all()


def test_to_cpu_keeps_the_state():
    optimizer = Adam(0.1)
    train(optimizer, 2)
    before = optimizer.to_bytes()
    optimizer.to_cpu()
    assert optimizer.to_bytes() == before


def test_config_builds_optimizers():
    schedule = {"@schedules": "decaying.v1", "base_rate": 0.1, "decay": 0.5}
    for name in ("Adam.v1", "RAdam.v1", "SGD.v1"):
        for rate in (0.1, [0.1, 0.2], schedule):
            block = {"@optimizers": name, "learn_rate": rate}
            assert registry.resolve({"o": block})["o"].learn_rate == 0.1


@pytest.mark.parametrize("make", [Adam, AdamW, RAdam, Lion, lambda rate: SGD(rate, momentum=0.9)])
def test_a_number_without_axes_is_updated_as_a_vector_of_one(make):
    optimizer, twin = make(0.1), make(0.1)
    number, vector = numpy.array(3.0, "f"), numpy.array([3.0], "f")
    for _ in range(3):
        optimizer((1, "a"), number, numpy.array(1.0, "f"))
        twin((1, "a"), vector, numpy.array([1.0], "f"))

    assert number.shape == () and number == vector[0] != 3.0
    assert optimizer.averages[(1, "a")].shape == ()


def test_a_wrapped_module_with_a_scalar_parameter_learns():
    torch = pytest.importorskip("torch", reason="torch is not installed")

    class Scale(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.factor = torch.nn.Parameter(torch.tensor(2.0))

        def forward(self, X):
            return X * self.factor

    from thinc.api import PyTorchWrapper

    model, optimizer, X = PyTorchWrapper(Scale()), Adam(0.1), numpy.ones((3, 2), "f")
    model.begin_update(X)[1](X)
    model.finish_update(optimizer)
    with model.use_params(optimizer.averages):
        model.predict(X)

    assert float(model.predict(X)[0, 0]) == pytest.approx(1.9, abs=1e-3)


def test_adam_without_a_second_moment_is_plain_descent():
    weights = numpy.full(2, 1.0)
    optimizer = Optimizer(0.1, beta2=0.0, grad_clip=0)
    optimizer((0, "W"), weights, numpy.array([1.0, -2.0]))
    numpy.testing.assert_allclose(weights, [0.9, 1.2])
    assert not optimizer.mom1 and not optimizer.mom2
