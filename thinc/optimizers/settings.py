"""The numbers that an optimizer or a group of parameters is set to, and their schedules."""

from collections.abc import Callable, Iterator
from numbers import Real
from typing import TYPE_CHECKING, Any, Protocol

import numpy

from .._schedule import Schedule, ScheduleEnd, as_schedule
from ..types import Generator

if TYPE_CHECKING:  # all that `Settings.put` takes
    FloatOrSeq = float | numpy.floating[Any] | list[float] | Iterator[float] | Callable[..., float]

    class Setting(Protocol):
        """An attribute of the optimizer: reads a float, takes whatever gives numbers."""

        def __get__(self, optimizer: Any, owner: Any = None, /) -> float: ...
        def __set__(self, optimizer: Any, value: FloatOrSeq, /) -> None: ...

else:  # what a config is checked against
    FloatOrSeq = float | list[float] | Generator
    Setting = property


class Settings:
    """Numbers by name, of which some take their next value at every step.

    values: name -> float.  schedules: name -> Schedule.
    starts: name -> the optimizer's step at which the schedule was set, if that isn't 0.
    """

    __slots__ = ("values", "schedules", "starts")

    def __init__(self) -> None:
        self.values: dict[str, float] = {}
        self.schedules: dict[str, Schedule] = {}
        self.starts: dict[str, int] = {}

    def put(self, name: str, value: Any, step: int = 0) -> None:
        """Take a number, or the first value of a schedule, list, iterator or callable.

        A number leaves the schedule that the setting may have; it will overwrite the number.
        ValueError: the value is none of these, or empty, or a negative ε.
        """
        if isinstance(value, Real):
            self.values[name] = _checked(name, float(value))
            return
        schedule, first = None, None
        try:
            schedule = _read(value)
            first = None if schedule is None else schedule(0, last_score=None)
        except ScheduleEnd:
            pass
        if schedule is None or not isinstance(first, Real):
            raise ValueError(
                f"Optimizer: the setting '{name}' is {value!r} of type {type(value)}. "
                "Pass a number, a schedule, or a list or iterator with at least one number."
            )
        self.schedules[name], self.values[name] = schedule, float(first)
        self.starts.pop(name, None)
        if step:
            self.starts[name] = step

    def advance(self, step: int, last_score: tuple[int, float] | None) -> None:
        """Give every scheduled setting its value at `step`; an ended schedule keeps its last."""
        for name, schedule in self.schedules.items():
            try:
                value = schedule(step - self.starts.get(name, 0), last_score=last_score)
            except ScheduleEnd:
                continue
            self.values[name] = float(value)

    def get_state(self) -> dict[str, Any]:
        """Plain values, with the positions of the schedules."""
        schedules = {name: schedule.get_state() for name, schedule in self.schedules.items()}
        return {"values": dict(self.values), "schedules": schedules, "starts": dict(self.starts)}

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on where the settings that gave `state` stood; it has been checked."""
        for name, schedule_state in state["schedules"].items():
            self.schedules[name].set_state(schedule_state)
        self.values = dict(state["values"])
        self.starts = dict(state["starts"])


def _checked(name: str, value: float) -> float:
    """The value.  Compatibility: the published library takes a negative ε too, and divides by zero on the way."""
    if name == "eps" and not value >= 0:
        raise ValueError(
            f"Optimizer: the setting 'eps' is {value}. Give it a small positive number, 1e-8 for instance."
        )
    return value


def _read(value: Any) -> Schedule | None:
    """A Schedule of whatever gives numbers, None for anything else."""
    if isinstance(value, (Schedule, list)) or hasattr(value, "__next__"):
        return as_schedule(value)
    if callable(value):
        return Schedule("function", _call, attrs={"function": value})
    return None


def _call(schedule: Schedule, step: int, **extra: Any) -> float:
    """A function of (step, last_score), given as keywords."""
    function: Callable = schedule.attrs["function"]
    return function(step=step, last_score=extra.get("last_score"))
