"""Reach the blocks of a config that confection does not: those in lists, and what overrides bring."""

from collections.abc import Callable
from typing import Any

import confection

from ._config_shape import check_overrides


def map_listed(config: Any, change: Callable[[Any, str], Any], path: str = "") -> Any:
    """A copy in which `change(block, path)` stands for each block, or section with blocks, that lies in a list."""
    if isinstance(config, (list, tuple)):
        items = enumerate(config)
        return type(config)(
            change(item, f"{path}.{i}")
            if isinstance(item, dict) and _holds_block(item)
            else map_listed(item, change, f"{path}.{i}")
            for i, item in items
        )
    if not isinstance(config, dict):
        return config
    mapped = {key: map_listed(value, change, f"{path}.{key}".lstrip(".")) for key, value in config.items()}
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


def _holds_block(value: Any) -> bool:
    if confection.registry.is_promise(value):
        return True
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    return any(map(_holds_block, parts))
