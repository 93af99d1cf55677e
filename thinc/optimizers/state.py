"""The saved form of an optimizer: plain values, checked before anything is changed."""

from collections import defaultdict
from typing import Any

import numpy

from ..backends import get_array_ops
from ..errors import LoadError
from ..serialization.packing import loads
from .steps import RULES

VERSION = 2
_KINDS: dict[str, Any] = {
    "version": int,
    "by_place": bool,
    "step": int,
    "last_score": (list, tuple, type(None)),
    "rule": str,
    "L2_is_weight_decay": bool,
    "settings": list,
    "nr_update": list,
    "mom1": list,
    "mom2": list,
    "slow": list,
    "averages": (list, type(None)),
}
_HELD = ("mom1", "mom2", "slow", "averages")


def pack_state(optimizer, model: Any = None) -> dict[str, Any]:
    """Plain values for everything that lasts between steps.

    Keys are (id, name), or with a model (node, name) and (node, shim, name): the number of
    the node in breadth-first order, and of the shim in the node.
    """
    places = None if model is None else {owner: place for place, owner in owners_of(model).items()}
    last_score = optimizer.last_score
    return {
        "version": VERSION,
        "by_place": model is not None,
        "step": optimizer.step,
        "last_score": None if last_score is None else list(last_score),
        "rule": optimizer.rule,
        "L2_is_weight_decay": bool(optimizer.L2_is_weight_decay),
        "settings": [settings.get_state() for settings in _settings(optimizer)],
        "nr_update": [[key, int(n)] for key, n in _pack_keys(optimizer.nr_update, places)],
        **{name: _pack_arrays(getattr(optimizer, name), places) for name in _HELD},
    }


def check_state(optimizer, data: bytes, model: Any = None) -> dict[str, Any]:
    """The plain values in `data`.  LoadError: they don't fit the optimizer or the model."""
    state = loads(data)
    if not isinstance(state, dict) or set(state) != set(_KINDS):
        raise LoadError("optimizer", "these bytes are not those of an optimizer")
    for name, kind in _KINDS.items():
        if not isinstance(state[name], kind):
            raise LoadError(f"optimizer.{name}", f"has the type {type(state[name]).__name__}")
    if state["version"] != VERSION:
        raise LoadError("optimizer.version", f"is {state['version']}; this thinc reads {VERSION}")
    if state["rule"] not in RULES:
        raise LoadError("optimizer.rule", f"{state['rule']!r:.80} is none of {', '.join(RULES)}")
    if state["by_place"] != (model is not None):
        hint = "with a model: give from_bytes one, too" if state["by_place"] else "without a model: give none"
        raise LoadError("optimizer.by_place", f"the state was saved {hint}")
    _check_settings(optimizer, state["settings"])
    _check_last_score(state["last_score"])
    _check_entries("nr_update", state["nr_update"], int, model)
    for name in _HELD:
        _check_entries(name, state[name] or [], numpy.ndarray, model)
    return state


def load_state(optimizer, state: dict[str, Any], model: Any = None) -> None:
    """Put checked values into the optimizer."""
    owners = None if model is None else owners_of(model)
    for settings, own in zip(_settings(optimizer), state["settings"], strict=True):
        settings.set_state(own)
    optimizer.rule, optimizer.L2_is_weight_decay = state["rule"], state["L2_is_weight_decay"]
    optimizer._step = state["step"]
    optimizer._last_score = tuple(state["last_score"]) if state["last_score"] else None
    optimizer.nr_update = defaultdict(int, {_read_key(k, owners): n for k, n in state["nr_update"]})
    for name in _HELD:
        entries = state[name]
        held = None if entries is None else {_read_key(k, owners): numpy.array(a) for k, a in entries}
        setattr(optimizer, name, held)


def owners_of(model: Any) -> dict[tuple[int, ...], int]:
    """(number of the node,) or (number of the node, number of the shim) -> its id."""
    owners: dict[tuple[int, ...], int] = {}
    for i, node in enumerate(model.walk()):
        owners[(i,)] = node.id
        for j, shim in enumerate(node.shims):
            owners[(i, j)] = shim.id
    return owners


def _sizes(model: Any) -> dict[tuple[Any, ...], int]:
    """(number of the node, name) -> how many numbers the native parameter has."""
    nodes = enumerate(model.walk())
    return {
        (i, name): node.get_param(name).size for i, node in nodes for name in node.param_names if node.has_param(name)
    }


def _settings(optimizer) -> list[Any]:
    """The optimizer's own settings, and those of its groups."""
    return [optimizer.settings, *(group.settings for group in optimizer.groups)]


def _pack_keys(held: dict[Any, Any], places: dict[int, tuple] | None) -> list[tuple[Any, Any]]:
    """(key as it is saved, value); keys without a place are left out."""
    if places is None:
        return [(list(key) if isinstance(key, tuple) else key, value) for key, value in held.items()]
    pairs = [(key, value) for key, value in held.items() if isinstance(key, tuple) and key[0] in places]
    return [([*places[key[0]], *key[1:]], value) for key, value in pairs]


def _pack_arrays(held: dict[Any, Any] | None, places: dict[int, tuple] | None) -> list[Any] | None:
    """[[key, array], …], the arrays in main memory."""
    if held is None:
        return None
    return [[key, get_array_ops(array).to_numpy(array)] for key, array in _pack_keys(held, places)]


def _read_key(parts: Any, owners: dict[tuple, int] | None) -> Any:
    """The key of what was saved by `_pack_keys`."""
    if not isinstance(parts, (list, tuple)):
        return parts
    return tuple(parts) if owners is None else (owners[tuple(parts[:-1])], parts[-1])


def _check_settings(optimizer, saved: list[Any]) -> None:
    """The optimizer and its groups have the same settings and schedules as what was saved."""
    own = _settings(optimizer)
    if len(saved) != len(own):
        raise LoadError("optimizer.groups", f"the file has {len(saved) - 1}, this optimizer {len(own) - 1}")
    for i, (settings, state) in enumerate(zip(own, saved)):
        path = "optimizer" if i == 0 else f"optimizer.groups[{i - 1}]"
        keys = {"values", "schedules", "starts"}
        if not isinstance(state, dict) or set(state) != keys or not all(isinstance(v, dict) for v in state.values()):
            raise LoadError(f"{path}.settings", "these are no settings")
        if set(state["values"]) != set(settings.values):
            raise LoadError(f"{path}.settings", f"must be {sorted(settings.values)}")
        for name, value in state["values"].items():
            if not isinstance(value, float):
                raise LoadError(f"{path}.settings.{name}", "is not a float")
        if set(state["schedules"]) != set(settings.schedules):
            raise LoadError(f"{path}.schedules", f"this optimizer has schedules for {sorted(settings.schedules)}")
        for name, schedule in settings.schedules.items():
            schedule.check_state(state["schedules"][name], f"{path}.schedules.{name}")
        for name, start in state["starts"].items():
            if name not in settings.schedules or type(start) is not int or start < 0:
                raise LoadError(f"{path}.starts.{name}", "is not the step of a schedule")


def _check_last_score(last_score: list[Any] | None) -> None:
    if last_score is not None and [type(v) for v in last_score] != [int, float]:
        raise LoadError("optimizer.last_score", "is not a step with a score")


def _check_entries(name: str, entries: list[Any], kind: Any, model: Any) -> None:
    """Every entry is a key with a value of `kind`, and the model has its place and size."""
    places = None if model is None else owners_of(model)
    sizes = {} if model is None else _sizes(model)
    for i, entry in enumerate(entries):
        path = f"optimizer.{name}[{i}]"
        if not isinstance(entry, (list, tuple)) or len(entry) != 2:
            raise LoadError(path, "is not a key with a value")
        parts = tuple(entry[0]) if isinstance(entry[0], (list, tuple)) else (entry[0],)
        if not all(isinstance(part, (int, str)) for part in parts):
            raise LoadError(path, "the key is not made of numbers and names")
        if places is not None and parts[:-1] not in places:
            raise LoadError(path, f"the model has nothing at the place {parts[:-1]}; was it saved with another model?")
        if not isinstance(entry[-1], kind):
            raise LoadError(path, f"holds {type(entry[-1]).__name__}, not {kind.__name__}")
        if (kind is int and entry[-1] < 0) or (kind is numpy.ndarray and entry[-1].dtype.kind != "f"):
            raise LoadError(path, f"{entry[-1]!r:.80} is neither a count nor an array of floats")
        if kind is numpy.ndarray and entry[-1].size != sizes.get(parts, entry[-1].size):
            raise LoadError(path, f"holds {entry[-1].size} numbers for a parameter of {sizes[parts]}")
