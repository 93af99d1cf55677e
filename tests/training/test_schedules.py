"""A schedule gives the published values, by step and by drawing."""

import pickle
from itertools import islice

import pytest
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, OneCycleLR

from thinc._schedule import as_schedule
from thinc.config import registry
from thinc.errors import LoadError
from thinc.schedules import (
    Schedule,
    compounding,
    constant,
    constant_then,
    cosine,
    cyclic_triangular,
    decaying,
    inverse_sqrt,
    one_cycle,
    plateau,
    slanted_triangular,
    warmup_linear,
)

CASES = [
    (lambda: constant(0.3), [0.3, 0.3, 0.3]),
    (lambda: decaying(1, 0.1), [1, 0.909091, 0.833333, 0.769231, 0.714286]),
    (lambda: decaying(1, 0.1, t=3), [0.769231, 0.714286, 0.666667]),
    (lambda: compounding(1, 4, 1.5), [1, 1.5, 2.25, 3.375, 4, 4]),
    (lambda: compounding(4, 1, 0.5), [4, 2, 1, 1]),
    (lambda: compounding(1, 4, 1.5, t=2), [2.25, 3.375, 4, 4]),
    (lambda: slanted_triangular(1, 20, ratio=10), [0.55, 1, 0.95, 0.9, 0.85, 0.8, 0.75]),
    (lambda: slanted_triangular(1, 20, ratio=10, t=3), [0.9, 0.85, 0.8]),
    (lambda: warmup_linear(1, 2, 5), [0, 0.5, 1, 0.666667, 0.333333, 0, 0]),
    (lambda: cyclic_triangular(0.1, 1, 2), [0.55, 1, 0.55, 0.1, 0.55, 1]),
    (lambda: constant_then(1, 2, [5, 6]), [1, 1, 5, 6]),
    (lambda: constant_then(1, 2, iter([5, 6])), [1, 1, 5, 6]),
    (lambda: constant_then(1, 2, decaying(1, 0.1)), [1, 1, 1, 0.909091]),
]


@pytest.mark.parametrize("build, values", CASES)
def test_drawing_gives_the_published_values(build, values):
    assert list(islice(build(), len(values))) == pytest.approx(values, abs=1e-6)


@pytest.mark.parametrize("build, values", CASES)
def test_calling_gives_the_published_values(build, values):
    schedule = build()
    assert [schedule(n) for n in range(len(values))] == pytest.approx(values, abs=1e-6)


@pytest.mark.parametrize("build, values", CASES)
def test_to_generator_gives_the_published_values(build, values):
    drawn = islice(build().to_generator(1), len(values) - 1)
    assert list(drawn) == pytest.approx(values[1:], abs=1e-6)


def test_a_finite_schedule_ends():
    assert list(constant_then(1, 2, [5, 6])) == [1, 1, 5, 6]
    assert list(constant_then(1, 1, [5, 6, 7]).to_generator(0, 2)) == [1, 6]
    with pytest.raises(IndexError):
        constant_then(1, 2, [5, 6])(4)


def test_compounding_stops_after_any_number_of_steps():
    assert compounding(1, 32, 1.5)(10**6) == 32
    assert compounding(0, 32, 1.5)(10**6) == 0
    assert compounding(-1, -32, 1.5)(10**6) == -32


def test_negative_steps_are_refused():
    with pytest.raises(ValueError):
        constant(1)(-1)
    with pytest.raises(ValueError):
        constant(1).to_generator(-1)
    with pytest.raises(ValueError):
        constant(1).to_generator(0, -1)


def test_the_step_of_an_iterator_must_not_decrease():
    schedule = constant_then(1, 0, iter([5, 6, 7]))
    assert schedule(2) == schedule(2) == 7
    with pytest.raises(ValueError, match="must not decrease"):
        schedule(0)


def test_a_pickled_schedule_goes_on_where_it_was():
    schedule = decaying(1, 0.1)
    next(schedule), next(schedule)
    copy = pickle.loads(pickle.dumps(schedule))
    assert next(copy) == next(schedule) == schedule(2)


def test_plateau_scales_after_patience_is_spent():
    schedule = plateau(2, 0.5, constant(1.0))
    scores = [(0, 1.0), (1, 0.9), (1, 0.9), (2, 0.8), (3, 2.0), (4, 1.0), (5, 1.0)]
    values = [schedule(i, last_score=score) for i, score in enumerate(scores)]
    assert values == [1, 1, 1, 0.5, 0.5, 0.5, 0.25]
    assert schedule(7) == schedule(7, last_score=None) == 0.25


def test_plateau_refuses_an_older_score():
    schedule = plateau(2, 0.5, constant(1.0))
    schedule(0, last_score=(5, 1.0))
    with pytest.raises(ValueError, match="Expected score with step"):
        schedule(1, last_score=(4, 0.5))


def test_the_function_gets_schedule_step_and_extra():
    schedule = Schedule("own", lambda s, step, *, k=0: s.attrs["a"] + step + k, attrs={"a": 10})
    assert schedule(1) == 11 and schedule(1, k=5) == 16
    assert next(schedule) == 10 and iter(schedule) is schedule


def test_state_restores_position_and_plateaus():
    schedule = plateau(1, 0.5, constant_then(1.0, 1, iter([2.0, 4.0, 8.0])))
    schedule(0, last_score=(0, 1.0)), schedule(2, last_score=(1, 0.5))
    fresh = plateau(1, 0.5, constant_then(1.0, 1, iter([2.0, 4.0, 8.0])))
    fresh.set_state(schedule.get_state())
    assert fresh(3) == schedule(3) == 4.0


def test_wrong_state_changes_nothing():
    schedule = decaying(1, 0.1)
    for state in [None, {}, constant(2).get_state(), {**schedule.get_state(), "position": -1}]:
        with pytest.raises(LoadError):
            schedule.set_state(state)
    assert next(schedule) == 1


@pytest.mark.parametrize(
    "schedule, name, values",
    [
        (as_schedule(iter([1.0, 2.0, 3.0])), "last_step", [None, "1", True, 1.5, float("nan")]),
        (as_schedule(iter([1.0, 2.0, 3.0])), "last_value", [[1]]),
        (warmup_linear(0.1, 10, 100), "initial_rate", [None, "0.1", True, [0.1]]),
        (plateau(2, 0.5, constant(1.0)), "best_score", [[1.0]]),
        (Schedule("own", lambda s, step: s.attrs["kind"], attrs={"kind": "a", "on": True}), "kind", [1, None]),
        (Schedule("own", lambda s, step: s.attrs["kind"], attrs={"kind": "a", "on": True}), "on", [1, None]),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_a_state_with_values_of_another_kind_is_refused(schedule, name, values):
    first = next(schedule)
    state = schedule.get_state()
    for value in values:
        with pytest.raises(LoadError, match=rf"attrs\.{name}"):
            schedule.set_state({**state, "attrs": {**state["attrs"], name: value}})
    schedule.set_state(state)
    assert schedule.get_state() == state and first == schedule(0)


def test_an_iterator_goes_on_where_the_saved_one_stood_and_never_back():
    saved, fresh = (as_schedule(iter([1.0, 2.0, 3.0])) for _ in range(2))
    begin = saved.get_state()
    assert [next(saved), next(saved)] == [1.0, 2.0]
    fresh.set_state(saved.get_state())
    assert next(fresh) == 3.0
    with pytest.raises(LoadError, match="further on"):
        fresh.set_state(begin)


def test_a_run_with_scores_takes_the_state_of_one_without():
    run, begin = (plateau(1, 0.5, constant(1.0)) for _ in range(2))
    run(0, last_score=(0, 3.0))
    run.set_state(begin.get_state())
    assert run.attrs["best_score"] is None


def test_a_schedule_shows_its_settings_and_a_generator_ends_with_it():
    assert repr(constant(0.1)) == "<Schedule constant {'rate': 0.1}>"
    assert list(as_schedule([1.0, 2.0]).to_generator()) == [1.0, 2.0]


def test_every_schedule_comes_from_a_config():
    blocks = {
        "constant": {"rate": 1},
        "decaying": {"base_rate": 1, "decay": 0.1},
        "compounding": {"start": 1, "stop": 4, "compound": 1.5},
        "slanted_triangular": {"max_rate": 1, "num_steps": 20},
        "warmup_linear": {"initial_rate": 1, "warmup_steps": 2, "total_steps": 5},
        "cyclic_triangular": {"min_lr": 0.1, "max_lr": 1, "period": 2},
        "constant_then": {"rate": 1, "steps": 2, "schedule": [5, 6]},
    }
    for name, args in blocks.items():
        made = registry.resolve({"s": {"@schedules": f"{name}.v1", **args}})["s"]
        assert isinstance(made, Schedule) and made.name == name
    inner = {"@schedules": "constant.v1", "rate": 2.0}
    block = {"@schedules": "plateau.v1", "max_patience": 1, "scale": 0.5, "schedule": inner}
    assert next(registry.resolve({"s": block})["s"]) == 2.0


def torch_rates(build, n, rate=0.4):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=rate)
    scheduler, rates = build(optimizer), []
    for _ in range(n):
        rates.append(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()
    return rates


def test_cosine_is_torchs_until_its_end():
    expected = torch_rates(lambda o: CosineAnnealingLR(o, T_max=20, eta_min=0.01), 21)
    schedule = cosine(0.4, 20, min_rate=0.01)
    assert [schedule(n) for n in range(21)] == pytest.approx(expected, abs=1e-12)
    assert schedule(50) == 0.01
    warm = cosine(0.4, 20, warmup_steps=4)
    assert [warm(n) for n in (0, 2, 4, 12, 20)] == pytest.approx([0, 0.2, 0.4, 0.2, 0])


@pytest.mark.parametrize("options", [{}, {"warmup_frac": 0.5, "start_div": 10.0, "end_div": 100.0}])
def test_one_cycle_is_torchs(options):
    names = {"warmup_frac": "pct_start", "start_div": "div_factor", "end_div": "final_div_factor"}
    given = {names[name]: value for name, value in options.items()}
    expected = torch_rates(lambda o: OneCycleLR(o, max_lr=0.4, total_steps=20, **given), 20)
    schedule = one_cycle(0.4, 20, **options)
    assert [schedule(n) for n in range(20)] == pytest.approx(expected, abs=1e-12)
    assert schedule(40) == schedule(19)


def test_inverse_sqrt_rises_and_falls():
    schedule = inverse_sqrt(0.4, 4)
    assert [schedule(n) for n in (0, 1, 3, 15)] == pytest.approx([0.1, 0.2, 0.4, 0.2])


@pytest.mark.parametrize("build", [lambda: cosine(0.4, 20), lambda: one_cycle(0.4, 20), lambda: inverse_sqrt(0.4, 4)])
def test_the_new_ones_are_drawn_called_pickled_and_built_by_config(build):
    schedule = build()
    drawn = [next(schedule) for _ in range(3)]
    assert drawn == [schedule(n) for n in range(3)]
    assert next(pickle.loads(pickle.dumps(schedule))) == schedule(3)
    assert {"cosine.v1", "one_cycle.v1", "inverse_sqrt.v1"} <= set(registry.schedules.get_all())
    block = {"@schedules": f"{schedule.name}.v1", **schedule.attrs}
    assert registry.resolve({"s": block})["s"](5) == schedule(5)


def test_slanted_triangular_without_steps_to_rise_or_to_fall():
    never_rises = slanted_triangular(1.0, 5, cut_frac=0.1, ratio=2)
    assert [never_rises(step) for step in range(5)] == pytest.approx([0.9, 0.8, 0.7, 0.6, 0.5])
    never_falls = slanted_triangular(1.0, 2, cut_frac=1.0, ratio=2)
    assert [never_falls(step) for step in range(3)] == pytest.approx([0.75, 1.0, 1.0])
