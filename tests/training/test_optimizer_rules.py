"""The further rules take torch's steps, averages are torch's averages, and groups have settings of their own."""

import pickle

import numpy
import pytest
import torch
from torch.optim.swa_utils import AveragedModel, get_ema_avg_fn

from thinc.config import registry
from thinc.layers.chain import chain
from thinc.layers.linear import Linear
from thinc.layers.pytorchwrapper import PyTorchWrapper
from thinc.optimizers import EMA, SGD, SWA, Adam, AdamW, Lion, Lookahead, Optimizer
from thinc.schedules import constant, decaying, warmup_linear

KEY = (0, "W")


class TorchLion(torch.optim.Optimizer):
    """Algorithm 2 of arXiv:2302.06675."""

    def __init__(self, params, lr, betas=(0.9, 0.99), weight_decay=0.0):
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                m = self.state[p].setdefault("m", torch.zeros_like(p))
                first, second = group["betas"]
                update = torch.sign(torch.lerp(p.grad, m, first))
                p.sub_(group["lr"] * (update + group["weight_decay"] * p))
                m.lerp_(p.grad, 1 - second)


PAIRS = {
    "adamw": (
        lambda: AdamW(0.01, L2=0.1, grad_clip=0),
        lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.1),
    ),
    "momentum": (
        lambda: SGD(0.01, momentum=0.9, grad_clip=0),
        lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9),
    ),
    "momentum and L2": (
        lambda: SGD(0.01, momentum=0.9, grad_clip=0, L2=0.1, L2_is_weight_decay=False),
        lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9, weight_decay=0.1),
    ),
    "nesterov": (
        lambda: SGD(0.01, momentum=0.9, nesterov=True, grad_clip=0),
        lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9, nesterov=True),
    ),
    "lion": (lambda: Lion(0.003, L2=0.1), lambda p: TorchLion(p, lr=0.003, weight_decay=0.1)),
}


def gradient(i, dtype="float32"):
    return numpy.random.default_rng(i).normal(size=(4, 5)).astype(dtype)


def walk(optimizer, steps, weights=None, dtype="float32", first=0):
    weights = gradient(1000, dtype) if weights is None else weights
    for i in range(first, first + steps):
        optimizer(KEY, weights, gradient(i, dtype))
        optimizer.step_schedules()
    return weights


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_rule_walks_with_torch_for_100_steps(name, dtype):
    build, build_torch = PAIRS[name]
    ours, theirs = gradient(1000, dtype), torch.nn.Parameter(torch.tensor(gradient(1000, dtype)))
    optimizer, reference = build(), build_torch([theirs])
    for i in range(100):
        theirs.grad = torch.tensor(gradient(i, dtype))
        reference.step()
        optimizer(KEY, ours, gradient(i, dtype))
        numpy.testing.assert_allclose(ours, theirs.detach().numpy(), atol=1e-5 if dtype == "float32" else 1e-12)


def test_lion_and_momentum_keep_one_moment():
    for optimizer in (Lion(0.1), SGD(0.1, momentum=0.9)):
        walk(optimizer, 2)
        assert list(optimizer.mom1) == [KEY] and not optimizer.mom2
    plain = SGD(0.1)
    walk(plain, 2)
    assert not plain.mom1 and not plain.mom2


def test_momentum_follows_its_schedule():
    optimizer = SGD(0.1, momentum=[0.9, 0.5])
    walk(optimizer, 2)
    assert optimizer.rule == "momentum" and optimizer.b1 == 0.5
    with pytest.raises(ValueError, match="momentum"):
        SGD(0.1, nesterov=True)
    with pytest.raises(ValueError, match="adamw"):
        Optimizer(0.1, rule="adamx")


@pytest.mark.parametrize("k, alpha", [(1, 0.5), (3, 0.5), (4, 1.0)])
def test_lookahead_leads_every_k_steps(k, alpha):
    inner, slow = gradient(1000), gradient(1000)
    reference = SGD(0.1, use_averages=False)
    ours, optimizer = gradient(1000), Lookahead(SGD(0.1, use_averages=False), k=k, alpha=alpha)
    for i in range(10):
        reference(KEY, inner, gradient(i))
        if (i + 1) % k == 0:
            slow += alpha * (inner - slow)
            inner[...] = slow
        optimizer(KEY, ours, gradient(i))
        numpy.testing.assert_allclose(ours, inner, atol=1e-6)


class Holder(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.W = torch.nn.Parameter(torch.tensor(gradient(1000)))


def torch_averages(holder, averaged, takes):
    reference = torch.optim.SGD(holder.parameters(), lr=0.1)
    for i in range(20):
        holder.W.grad = torch.tensor(gradient(i))
        reference.step()
        if takes(i + 1):
            averaged.update_parameters(holder)
    return averaged.module.W.detach().numpy()


def test_ema_is_torchs():
    holder = Holder()
    expected = torch_averages(holder, AveragedModel(holder, avg_fn=get_ema_avg_fn(0.9)), lambda t: True)
    optimizer = EMA(SGD(0.1, grad_clip=0, use_averages=False), decay=0.9)
    walk(optimizer, 20)
    numpy.testing.assert_allclose(optimizer.averages[KEY], expected, atol=1e-6)


@pytest.mark.parametrize("start, every", [(1, 1), (5, 1), (4, 3)])
def test_swa_is_torchs(start, every):
    holder = Holder()
    expected = torch_averages(holder, AveragedModel(holder), lambda t: t >= start and (t - start) % every == 0)
    optimizer = SWA(SGD(0.1, grad_clip=0), start=start, every=every)
    walk(optimizer, 20)
    numpy.testing.assert_allclose(optimizer.averages[KEY], expected, atol=1e-6)


def test_bad_settings_of_followers_are_named():
    for build in (
        lambda: Lookahead(SGD(0.1), k=0),
        lambda: Lookahead(SGD(0.1), alpha=2.0),
        lambda: EMA(SGD(0.1), decay=1.0),
        lambda: SWA(SGD(0.1), start=0),
    ):
        with pytest.raises(ValueError, match="Pass|must be"):
            build()


@pytest.mark.parametrize("value, expected", [
    ([0.3, 0.2, 0.1], [0.3, 0.2, 0.1, 0.1]),
    (iter([0.3, 0.2, 0.1]), [0.3, 0.2, 0.1, 0.1]),
    (decaying(1.0, 1.0), [1.0, 0.5, 1 / 3, 0.25]),
    (lambda step, last_score: 1.0 / (1 + step), [1.0, 0.5, 1 / 3, 0.25]),
])  # fmt: skip
def test_a_schedule_assigned_later_counts_from_there(value, expected):
    optimizer = Adam(warmup_linear(0.1, 2, 10))
    for _ in range(5):
        optimizer.step_schedules()
    optimizer.learn_rate = value
    found = [optimizer.learn_rate]
    for _ in range(3):
        optimizer.step_schedules()
        found.append(optimizer.learn_rate)
    assert found == pytest.approx(expected)
    with pytest.raises(ValueError, match="learn_rate"):
        optimizer.learn_rate = "fast"
    assert found[-1] == optimizer.learn_rate


def test_a_resumed_optimizer_goes_on_with_a_schedule_assigned_later():
    stopped, resumed = Adam(constant(0.1)), Adam(constant(0.1))
    weights = walk(stopped, 3)
    stopped.learn_rate = decaying(0.1, 1.0)
    resumed.learn_rate = decaying(0.1, 1.0)
    walk(stopped, 2, weights, first=3)
    twin = weights.copy()
    resumed.from_bytes(stopped.to_bytes())
    assert walk(resumed, 3, twin, first=5).tobytes() == walk(stopped, 3, weights, first=5).tobytes()


def model_of_two():
    torch.manual_seed(0)
    return chain(Linear(4, 3), PyTorchWrapper(torch.nn.Linear(4, 2))).initialize()


def step(model, optimizer):
    Y, backprop = model.begin_update(numpy.ones((3, 3), "f"))
    backprop(numpy.ones_like(Y))
    model.finish_update(optimizer)


@pytest.mark.parametrize("pattern", ["chain[0]", "chain[1]"])
def test_a_group_has_its_own_rate_in_both_worlds(pattern):
    """A step of SGD is proportional to the rate, so that the moved distance shows it."""
    moved = {}
    for setting in ({}, {"learn_rate": 0.5}, {"lr_scale": 0.5}, {"learn_rate": [0.5, 0.1]}):
        model, optimizer = model_of_two(), SGD(0.1, grad_clip=0, use_averages=False)
        model.layers[0].get_param("W")[...] = 0.5
        before = weights_of(model)
        if setting:
            optimizer.add_group(model, pattern, **setting)
        step(model, optimizer)
        moved[str(setting)] = [after - b for after, b in zip(weights_of(model), before)]
    plain, rate, scale, scheduled = moved.values()
    factors = [(5, 0.5) if pattern == "chain[0]" else (1, 1)] * 2 + [(5, 0.5) if pattern == "chain[1]" else (1, 1)] * 2
    for one, two, three, four, (by_rate, by_scale) in zip(plain, rate, scale, scheduled, factors):
        numpy.testing.assert_allclose(two, by_rate * one, rtol=1e-5)
        numpy.testing.assert_allclose(three, by_scale * one, rtol=1e-5)
        numpy.testing.assert_allclose(four, two, rtol=1e-6)


def weights_of(model):
    native, (shim,) = model.layers[0], model.layers[1].shims
    wrapped = [p.detach().numpy() for p in shim._model.parameters()]
    return [array.copy() for array in (native.get_param("W"), native.get_param("b"), *wrapped)]


def test_the_last_group_wins_and_unknown_settings_are_named():
    model, optimizer = model_of_two(), Adam(0.1)
    optimizer.add_group(model, "*", L2=0.5)
    group = optimizer.add_group(model, "*.b", L2=0.0, beta1=0.5)
    native = model.layers[0].id
    assert group.keys == {(native, "b")}
    assert optimizer._settings_of((native, "b"))["L2"] == 0.0
    assert optimizer._settings_of((native, "b"))["b1"] == 0.5
    assert optimizer._settings_of((native, "W"))["L2"] == 0.5
    with pytest.raises(ValueError, match="weight_decay.*lr_scale"):
        optimizer.add_group(model, "*", weight_decay=0.1)
    with pytest.raises(ValueError, match="chain"):
        optimizer.add_group(model, "nowhere", L2=0.1)


def test_schedules_of_groups_advance_and_are_saved():
    model = model_of_two()
    optimizer, resumed = Adam(0.1), Adam(0.1)
    for each in (optimizer, resumed):
        each.add_group(model, "chain[0]", learn_rate=[0.3, 0.2, 0.1])
    optimizer.step_schedules()
    resumed.from_bytes(optimizer.to_bytes())
    resumed.step_schedules()
    assert resumed._settings_of((model.layers[0].id, "W"))["learn_rate"] == 0.1
    with pytest.raises(ValueError, match="groups"):
        Adam(0.1).from_bytes(optimizer.to_bytes())


def test_everything_is_picklable_and_built_by_config():
    for inner in ({"@optimizers": "AdamW.v1"}, {"@optimizers": "SGD.v1", "learn_rate": 0.1, "momentum": 0.9}):
        block = {"@optimizers": "Lookahead.v1", "k": 3, "optimizer": inner}
        average = {"@optimizers": "SWA.v1", "start": 2, "optimizer": block}
        optimizer = registry.resolve({"o": average})["o"]
        assert optimizer.lookahead == (3, 0.5) and optimizer.averaging.start == 2
        weights = walk(optimizer, 4)
        twin = pickle.loads(pickle.dumps(optimizer))
        assert walk(twin, 3, weights.copy(), first=4).tobytes() == walk(optimizer, 3, weights, first=4).tobytes()
    assert registry.resolve({"o": {"@optimizers": "EMA.v1", "optimizer": {"@optimizers": "Lion.v1"}}})["o"].averaging


@pytest.mark.parametrize("nesterov", [False, True])
def test_momentum_draws_to_zero_after_its_step(nesterov):
    optimizer = SGD(0.1, momentum=0.9, nesterov=nesterov, grad_clip=0, L2=0.5, L2_is_weight_decay=True)
    weights = numpy.full(1, 2.0)
    optimizer((0, "W"), weights, numpy.full(1, 1.0))
    stepped = 2.0 - 0.1 * (1.9 if nesterov else 1.0)
    assert weights[0] == pytest.approx(stepped * (1 - 0.1 * 0.5))


def test_the_rule_of_radam_can_be_switched():
    optimizer = Adam(0.1)
    assert not optimizer.use_radam
    optimizer.use_radam = True
    assert optimizer.rule == "radam" and optimizer.use_radam
    optimizer.use_radam = False
    assert optimizer.rule == "adam"
    lion = Lion(0.1)
    lion.use_radam = False
    assert lion.rule == "lion"
