"""Reach the blocks of a config that confection does not: those in lists, and what overrides bring."""

from collections.abc import Callable
from typing import Any

import confection

from ._config_shape import check_overrides

NESTED = (dict, list, tuple)


def map_listed(config: Any, change: Callable[[Any, str], Any]) -> Any:
    """A copy in which `change(block, path)` stands for each block, or section with blocks, that lies in a list."""
    if not isinstance(config, NESTED):
        return config
    holders: dict[int, bool] = {}
    _holds_block(config, holders)
    return _map_listed(config, change, "", holders)


def _map_listed(config: Any, change: Callable[[Any, str], Any], path: str, holders: dict[int, bool]) -> Any:
    if isinstance(config, (list, tuple)):
        if not any(isinstance(item, NESTED) for item in config):
            return type(config)(config)
        items = enumerate(config)
        return type(config)(
            change(item, f"{path}.{i}")
            if isinstance(item, dict) and holders[id(item)]
            else _map_listed(item, change, f"{path}.{i}", holders)
            for i, item in items
        )
    if not isinstance(config, dict):
        return config
    mapped = {key: _map_listed(value, change, f"{path}.{key}".lstrip("."), holders) for key, value in config.items()}
    if isinstance(config, confection.Config):
        return type(config)(mapped, is_interpolated=config.is_interpolated, section_order=config.section_order)
    return mapped


def overridden(config: Any, overrides: dict[str, Any] | None) -> Any:
    """A copy with the overrides in it, before any block is looked at.

    Raises ConfigValidationError for an override of what there is not.
    """
    check_overrides(overrides)
    if not overrides:
        return config
    config = _copied(config)
    for key, value in overrides.items():
        *sections, name = key.split(".")
        block = config
        for section in sections:
            block = block.get(section) if isinstance(block, dict) else None
        if not isinstance(block, dict) or name not in block:
            error = {"loc": key.split("."), "msg": "not a section value that can be overridden"}
            raise confection.ConfigValidationError(title="Error parsing config overrides", errors=[error])
        block[name] = _copied(value)
    return config


def _copied(value: Any) -> Any:
    return map_listed(value, lambda block, path: block)


def _holds_block(value: Any, holders: dict[int, bool]) -> bool:
    """Whether there is a block in it; `holders` gets the answer for each dict and list in it."""
    if id(value) not in holders:
        parts = value.values() if isinstance(value, dict) else value
        found = [_holds_block(part, holders) for part in parts if isinstance(part, NESTED)]
        holders[id(value)] = confection.registry.is_promise(value) or any(found)
    return holders[id(value)]
