"""The object behind every schedule: a function of the step that can also be drawn from."""

from collections.abc import Callable, Iterable, Iterator
from itertools import count, islice
from typing import Any

from .errors import LoadError, ThincError

_SCALARS = (bool, int, float, str, type(None))


class ScheduleEnd(ThincError, IndexError):
    """A finite schedule was asked for a step after its last value."""


class Schedule:
    """A function of the step, `schedule_fn(schedule, step, **extra)`, with attributes.

    attrs: what `schedule_fn` needs. Numbers among them are saved by `get_state`.
    A schedule can be pickled if its `schedule_fn` and `attrs` can.
    """

    __slots__ = ("name", "_schedule", "_attrs", "_optional", "_position")

    def __init__(self, name: str, schedule_fn: Callable, *, attrs: dict[str, Any] | None = None):
        self.name = name
        self._schedule = schedule_fn
        self._attrs = dict(attrs or {})
        self._optional = frozenset(name for name, value in self._attrs.items() if value is None)
        self._position = 0

    @property
    def attrs(self) -> dict[str, Any]:
        """The numbers and inner schedules that the function reads."""
        return self._attrs

    def __call__(self, step: int, **extra) -> float:
        """The value at `step`, counted from 0.  ValueError: step is negative."""
        if step < 0:
            raise ValueError(f"Schedule '{self.name}': step is {step}. Steps start at 0.")
        return self._schedule(self, step, **extra)

    def __iter__(self) -> "Schedule":
        return self

    def __next__(self) -> float:
        try:
            value = self(self._position)
        except ScheduleEnd:
            raise StopIteration from None
        self._position += 1
        return value

    def __repr__(self) -> str:
        return f"<Schedule {self.name} {self._attrs}>"

    def to_generator(self, start: int = 0, step_size: int = 1, **extra) -> Iterator[float]:
        """Yield the values at start, start + step_size, …; the own position stays."""
        if start < 0 or step_size < 0:
            raise ValueError(
                f"Schedule '{self.name}': start is {start} and step_size is {step_size}. Neither may be negative."
            )
        return _generate(self, start, step_size, extra)

    def get_state(self) -> dict[str, Any]:
        """The position and all numbers, also of inner schedules, as plain values."""
        attrs = {name: v for name, v in self._attrs.items() if isinstance(v, _SCALARS)}
        inner = {name: v.get_state() for name, v in self._attrs.items() if isinstance(v, Schedule)}
        return {"position": self._position, "attrs": attrs, "inner": inner}

    def check_state(self, state: Any, path: str = "schedule") -> None:
        """Raise LoadError unless `set_state` can take `state`; nothing is changed."""
        mine = self.get_state()
        if not isinstance(state, dict) or set(state) != set(mine):
            raise LoadError(path, "is not the state of a schedule")
        if type(state["position"]) is not int or state["position"] < 0:
            raise LoadError(f"{path}.position", "is not a step")
        for part in ("attrs", "inner"):
            if not isinstance(state[part], dict) or set(state[part]) != set(mine[part]):
                names = sorted(mine[part])
                raise LoadError(f"{path}.{part}", f"the schedule '{self.name}' has {names}")
        for name, value in state["attrs"].items():
            if not _fits(self._attrs[name], value) and not (value is None and name in self._optional):
                raise LoadError(f"{path}.attrs.{name}", f"{value!r:.80} can't take the place of {self._attrs[name]!r}")
        for name, value in state["inner"].items():
            self._attrs[name].check_state(value, f"{path}.inner.{name}")
        if self._schedule is _iterator:
            last_step = state["attrs"]["last_step"]
            if type(last_step) is not int:
                raise LoadError(f"{path}.attrs.last_step", f"{last_step!r:.80} is not a step")
            if last_step < self._attrs["last_step"]:
                raise LoadError(f"{path}.attrs.last_step", "the iterator is already further on")

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on where the schedule that gave `state` stood.  LoadError: it doesn't fit."""
        self.check_state(state)
        for name, value in state["inner"].items():
            self._attrs[name].set_state(value)
        if self._schedule is _iterator:
            _draw(self._attrs, state["attrs"]["last_step"])
        self._attrs.update(state["attrs"])
        self._position = state["position"]


def _fits(mine: Any, value: Any) -> bool:
    """Is a loaded value of the kind of ours?  Where ours is not known yet, any will do."""
    if mine is None:
        return isinstance(value, _SCALARS)
    if isinstance(mine, (bool, str)):
        return type(value) is type(mine)
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def as_schedule(values: Iterable[float]) -> Schedule:
    """A Schedule of any iterable; an iterator is drawn once, and only forwards."""
    if isinstance(values, Schedule):
        return values
    if isinstance(values, (list, tuple)):
        return Schedule("sequence", _sequence, attrs={"values": list(values)})
    attrs = {"values": iter(values), "last_step": -1, "last_value": None}
    return Schedule("iterator", _iterator, attrs=attrs)


def _generate(schedule: Schedule, start: int, step_size: int, extra: dict) -> Iterator[float]:
    for step in count(start, step_size):
        try:
            value = schedule(step, **extra)
        except ScheduleEnd:
            return
        yield value


def _sequence(schedule: Schedule, step: int, **extra) -> float:
    values = schedule.attrs["values"]
    if step >= len(values):
        raise ScheduleEnd(f"The schedule has {len(values)} values; step {step} has none.")
    return values[step]


def _iterator(schedule: Schedule, step: int, **extra) -> float:
    attrs = schedule.attrs
    if step < attrs["last_step"]:
        raise ValueError(f"The step of an iterator must not decrease; it was {attrs['last_step']} and is {step}.")
    _draw(attrs, step)
    if attrs["last_step"] < step:
        raise ScheduleEnd(f"The iterator ended after step {attrs['last_step']}.")
    return attrs["last_value"]


def _draw(attrs: dict[str, Any], step: int) -> None:
    """Draw from the iterator until the value of `step` is at hand, or it ends."""
    for value in islice(attrs["values"], step - attrs["last_step"]):
        attrs.update(last_step=attrs["last_step"] + 1, last_value=value)
