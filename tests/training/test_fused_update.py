"""All parameters in one call are updated as one by one, and as by the reference."""

import copy

import numpy
import pytest

from thinc.api import SGD, Adam, AdamW, Linear, NumpyOps, Ops, RAdam, chain
from thinc.backends._accelerate import kernels
from thinc.errors import UnsetError

MAKERS = {
    "adam": lambda: Adam(0.01, L2=0.1, grad_clip=0.5),
    "adam, L2 in the gradient": lambda: Adam(0.01, L2=0.1, L2_is_weight_decay=False),
    "adamw": lambda: AdamW(0.01, L2=0.1),
    "radam": lambda: RAdam(0.01),
    "sgd": lambda: SGD(0.1, grad_clip=0.5),
    "without averages": lambda: Adam(0.01, use_averages=False, grad_clip=0.0),
}


def model_with_gradients(rng):
    model = chain(Linear(5, 7), Linear(33, 5), Linear(3, 33)).initialize()
    for node in model.layers:
        node.set_param("b", rng.normal(size=node.get_dim("nO")).astype("f"))
    return model


def train(model, optimizer, rng, steps=8):
    for _ in range(steps):
        for node in model.layers:
            for name in node.param_names:
                node.inc_grad(name, rng.normal(size=node.get_param(name).shape).astype("f"))
        model.finish_update(optimizer)
    return [node.get_param(name) for node in model.layers for name in node.param_names]


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_all_at_once_equals_one_by_one(make):
    one = model_with_gradients(numpy.random.default_rng(0))
    many, optimizer = one.copy(), make()
    updates = train(one, lambda key, weights, gradient: optimizer(key, weights, gradient), numpy.random.default_rng(1))
    together = train(many, make(), numpy.random.default_rng(1))

    for first, second in zip(updates, together, strict=True):
        numpy.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rule", ["sgd", "adam", "first_moment"])
@pytest.mark.parametrize("n", [1, 15, 16, 17, 5000])
def test_the_kernel_equals_the_formulas(dtype, rule, n):
    rng = numpy.random.default_rng(n)
    w, g, m1, average = (rng.normal(size=n).astype(dtype) for _ in range(4))
    m2 = rng.uniform(size=n).astype(dtype)
    row = (w, g, m1, m2, average, (rule, 0.5, 0.01, 0.02, 0.03, 0.9, 0.999, 0.1, 1e-8, 0.3))
    other = copy.deepcopy(row)
    NumpyOps()._step_weights([row])
    Ops()._step_weights([other])

    for ours, theirs in zip(row[:5], other[:5]):
        numpy.testing.assert_allclose(ours, theirs, rtol=20 * numpy.finfo(dtype).eps, atol=20 * numpy.finfo(dtype).eps)
    assert not g.any()


def test_an_optimizer_that_replaces_the_call_sees_every_parameter():
    class Watching(type(Adam(0.01))):
        def __call__(self, key, weights, gradient, **options):
            seen.append(key)
            return super().__call__(key, weights, gradient, **options)

    seen = []
    model = model_with_gradients(numpy.random.default_rng(0))
    train(model, Watching(0.01), numpy.random.default_rng(1), steps=1)

    assert len(seen) == 6


def test_nothing_is_written_into_read_only_weights():
    weights, gradient = numpy.ones(4, "f"), numpy.ones(4, "f")
    weights.flags.writeable = False
    with pytest.raises(ValueError):
        SGD(0.5)((1, "W"), weights, gradient)

    assert weights.tolist() == [1.0] * 4


def test_float16_weights_and_strided_ones_are_updated():
    for weights in (numpy.ones(4, "float16"), numpy.ones(8, "f")[::2]):
        gradient = numpy.ones_like(weights)
        SGD(0.5, grad_clip=0.0)((1, "W"), weights, gradient)

        assert weights.tolist() == [0.5] * 4 and not gradient.any()


def test_groups_and_different_counts_are_updated_at_once_as_one_by_one():
    one = model_with_gradients(numpy.random.default_rng(0))
    weights = []
    for model, at_once in ((one.copy(), True), (one, False)):
        rng, optimizer = numpy.random.default_rng(1), Adam(0.01, L2=0.1)
        optimizer.add_group(model, "*.W", lr_scale=0.1, L2=0.0)
        for step in range(4):
            for node in model.layers[: step + 1]:  # later layers are updated less often
                for name in node.param_names:
                    node.inc_grad(name, rng.normal(size=node.get_param(name).shape).astype("f"))
            model.finish_update(optimizer if at_once else lambda *row: optimizer(*row))
        weights.append([node.get_param(name) for node in model.layers for name in node.param_names])
        assert sorted(optimizer.nr_update.values()) == [2, 2, 3, 3, 4, 4]

    for first, second in zip(*weights, strict=True):
        numpy.testing.assert_array_equal(first, second)


def test_what_two_keys_share_is_updated_in_their_order_whatever_its_layout():
    shared = numpy.ones(4, "f")
    optimizer, apart, alone = SGD(0.5, grad_clip=0.0), numpy.ones(4, "f"), SGD(0.5, grad_clip=0.0)
    for scale in (1.0, 2.0):
        rows = [((1, "W"), shared, shared * scale), ((2, "W"), shared[::-1], numpy.arange(4, dtype="f"))]
        optimizer.update_many([*rows, ((3, "W"), shared, numpy.ones(4, "f"))])
        for key, weights, gradient in [((1, "W"), apart, apart * scale), ((2, "W"), apart[::-1], numpy.arange(4.0))]:
            alone(key, weights, gradient.astype("f"))
        alone((3, "W"), apart, numpy.ones(4, "f"))

    numpy.testing.assert_array_equal(shared, apart)


def test_a_gradient_without_its_param_is_refused():
    model = Linear(2, 3)
    model.set_grad("W", numpy.ones((2, 3), "f"))
    with pytest.raises(UnsetError, match="'W' of model 'linear' is not set"):
        model.finish_update(Adam(0.01))


@pytest.mark.skipif(kernels is None, reason="the compiled kernels are not there")
@pytest.mark.parametrize(
    "change", ["nothing", "no moment", "no average", "other size", "strides", "read-only", "empty"]
)
def test_a_row_is_ready_if_the_kernel_can_do_all_of_it(change):
    w, g, m1, m2, average = (numpy.ones(4, "f") for _ in range(5))
    numbers = ("adam", 0.5, 0.0, 0.0, 0.0, 0.9, 0.999, 0.1, 1e-8, 0.3)
    changed = {
        "no moment": {2: None},
        "no average": {4: object()},
        "other size": {1: numpy.ones(5, "f")},
        "strides": {0: numpy.ones(8, "f")[::2]},
        "read-only": {0: numpy.frombuffer(w.tobytes(), "f")},
        "empty": {i: numpy.ones(0, "f") for i in range(5)},
    }
    row = [w, g, m1, m2, average, numbers]
    for i, value in changed.get(change, {}).items():
        row[i] = value

    assert kernels.is_ready(tuple(row)) == (change == "nothing")
    assert kernels.is_ready((w, g, None, None, None, ("sgd", *numbers[1:]))) and not kernels.is_ready((*row[:5], None))
