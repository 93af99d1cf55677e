"""Refuse what no config can be, before anything else looks at it."""

from typing import Any

import confection

MAX_DEPTH = 200  # nested sections or lists; the readers of configs call themselves for each


def check_shape(config: Any) -> None:
    """Raise ConfigValidationError unless this is a dict that configs can hold, naming section and key."""
    if not isinstance(config, dict):
        raise _error((), f"a config is needed, a dict of sections, but {type(config).__name__} came")
    waiting: list[tuple[Any, tuple[Any, ...]]] = [(config, ())]
    while waiting:
        value, path = waiting.pop()
        if len(path) > MAX_DEPTH:
            raise _error(path[:5], f"sections and lists lie more than {MAX_DEPTH} deep. Check how this config is made")
        if isinstance(value, dict):
            _check_keys(value, path)
            waiting.extend((each, (*path, key)) for key, each in value.items() if isinstance(each, (dict, list, tuple)))
        else:
            waiting.extend((each, (*path, i)) for i, each in enumerate(value) if isinstance(each, (dict, list, tuple)))


def check_overrides(overrides: Any) -> None:
    """Raise ConfigValidationError for an override whose path is no string."""
    for key in overrides or ():
        if not isinstance(key, str):
            raise _error((repr(key),), "an override is named by its section and key, as in 'training.seed'")


def _check_keys(section: dict[Any, Any], path: tuple[Any, ...]) -> None:
    """The keys of a block are the names of arguments; those of other dicts may be anything."""
    odd = [key for key in section if not isinstance(key, str)]
    if odd and confection.registry.is_promise({key: 0 for key in section if isinstance(key, str)}):
        kind = type(odd[0]).__name__
        raise _error((*path, repr(odd[0])), f"a key of a block is the name of an argument, a str, but {kind} came")


def _error(path: tuple[Any, ...], message: str) -> confection.ConfigValidationError:
    *section, key = map(str, path or ("config",))
    loc = (".".join(section), key) if section else (key,)
    return confection.ConfigValidationError(title="Config validation error", errors=[{"loc": loc, "msg": message}])
