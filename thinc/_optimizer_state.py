"""The saved form of an optimizer: plain values, checked before anything is changed."""

from typing import Any

import numpy

from .backends import get_array_ops
from .errors import LoadError
from .serialization.msgpack import loads

VERSION = 1
_KINDS = {
    "version": int,
    "step": int,
    "last_score": (list, tuple, type(None)),
    "use_radam": bool,
    "L2_is_weight_decay": bool,
    "settings": dict,
    "schedules": dict,
    "nr_update": list,
    "mom1": list,
    "mom2": list,
    "averages": (list, type(None)),
}


def pack_state(optimizer, settings: tuple[str, ...]) -> dict[str, Any]:
    """Plain values for everything that lasts between steps."""
    last_score = optimizer.last_score
    averages = optimizer.averages
    return {
        "version": VERSION,
        "step": optimizer.step,
        "last_score": None if last_score is None else list(last_score),
        "use_radam": bool(optimizer.use_radam),
        "L2_is_weight_decay": bool(optimizer.L2_is_weight_decay),
        "settings": {name: float(getattr(optimizer, name)) for name in settings},
        "schedules": {name: s.get_state() for name, s in optimizer.schedules.items()},
        "nr_update": [[_parts(key), int(n)] for key, n in optimizer.nr_update.items()],
        "mom1": pack_arrays(optimizer.mom1),
        "mom2": pack_arrays(optimizer.mom2),
        "averages": None if averages is None else pack_arrays(averages),
    }


def check_state(optimizer, settings: tuple[str, ...], data: bytes) -> dict[str, Any]:
    """The plain values in `data`.  LoadError: they don't fit the optimizer."""
    state = loads(data)
    if not isinstance(state, dict) or set(state) != set(_KINDS):
        raise LoadError("optimizer", "these bytes are not those of an optimizer")
    for name, kind in _KINDS.items():
        if not isinstance(state[name], kind):
            raise LoadError(f"optimizer.{name}", f"has the type {type(state[name]).__name__}")
    if state["version"] != VERSION:
        raise LoadError("optimizer.version", f"is {state['version']}; this thinc reads {VERSION}")
    if set(state["settings"]) != set(settings):
        raise LoadError("optimizer.settings", f"must be {sorted(settings)}")
    for name, value in state["settings"].items():
        if not isinstance(value, float):
            raise LoadError(f"optimizer.settings.{name}", "is not a float")
    if set(state["schedules"]) != set(optimizer.schedules):
        names = sorted(optimizer.schedules)
        raise LoadError("optimizer.schedules", f"this optimizer has schedules for {names}")
    for name, schedule in optimizer.schedules.items():
        schedule.check_state(state["schedules"][name], f"optimizer.schedules.{name}")
    _check_last_score(state["last_score"])
    _check_entries("nr_update", state["nr_update"], int)
    for name in ("mom1", "mom2", "averages"):
        _check_entries(name, state[name] or [], numpy.ndarray)
    return state


def pack_arrays(held: dict[tuple[int, str], Any]) -> list[list[Any]]:
    """[[id, name], array] for every key, the arrays in main memory."""
    return [[_parts(key), get_array_ops(array).to_numpy(array)] for key, array in held.items()]


def unpack_arrays(entries: list[list[Any]]) -> dict[tuple[int, str], Any]:
    """The reverse of `pack_arrays`, with writable arrays."""
    return {read_key(parts): numpy.array(array) for parts, array in entries}


def read_key(parts: Any) -> Any:
    """The key that was saved as a list of its parts."""
    return tuple(parts) if isinstance(parts, (list, tuple)) else parts


def _parts(key: Any) -> Any:
    return list(key) if isinstance(key, tuple) else key


def _check_last_score(last_score: list[Any] | None) -> None:
    if last_score is not None and [type(v) for v in last_score] != [int, float]:
        raise LoadError("optimizer.last_score", "is not a step with a score")


def _check_entries(name: str, entries: list[Any], kind: type) -> None:
    """Every entry is a key with a value of `kind`."""
    for i, entry in enumerate(entries):
        path = f"optimizer.{name}[{i}]"
        if not isinstance(entry, (list, tuple)) or len(entry) != 2:
            raise LoadError(path, "is not a key with a value")
        key = read_key(entry[0])
        parts = key if isinstance(key, tuple) else (key,)
        if not all(isinstance(part, (int, str)) for part in parts):
            raise LoadError(path, "the key is not made of numbers and names")
        if not isinstance(entry[-1], kind):
            raise LoadError(path, f"holds {type(entry[-1]).__name__}, not {kind.__name__}")
