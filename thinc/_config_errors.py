"""Errors of configs: what is wrong, in which section, at which key."""

from __future__ import annotations

import configparser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import catalogue
from confection import ConfigValidationError


class DuplicateSectionError(ConfigValidationError, configparser.DuplicateSectionError):
    """A section occurs twice.  Compatibility: the published library raises configparser's error."""

    __str__, __repr__ = ValueError.__str__, ValueError.__repr__


class DuplicateKeyError(ConfigValidationError, configparser.DuplicateOptionError):
    """A key occurs twice in a section.  Compatibility: as above."""

    __str__, __repr__ = ValueError.__str__, ValueError.__repr__


def what_comes_twice(error: configparser.DuplicateSectionError | configparser.DuplicateOptionError) -> Exception:
    """Our error for one of configparser, which says as that does where in the text it is."""
    kind = DuplicateKeyError if isinstance(error, configparser.DuplicateOptionError) else DuplicateSectionError
    ours = kind(title="Can't read the config", desc=str(error))
    vars(ours).update({name: vars(error).get(name) for name in ("section", "option", "source", "lineno")})
    return ours


class UnknownNameError(ConfigValidationError, catalogue.RegistryError):
    """A block names a registry or a function that there is not."""


def unknown_name(path: tuple[str, ...], key: str, message: str, name: str, known: list[str]) -> UnknownNameError:
    import difflib  # takes 0.7 ms, and only mistakes need it

    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f"; did you mean {' or '.join(map(repr, near))}?" if near else f"; there are {', '.join(sorted(known))}"
    error = {"loc": (".".join(path), key), "msg": message + hint}
    return UnknownNameError(title="Config error: unknown name", errors=[error])


class SignatureError(ConfigValidationError, TypeError):
    """A block names what is registered, but can't be asked for its arguments."""


def no_signature(path: tuple[str, ...], kind: str, name: str, cause: Exception) -> SignatureError:
    message = (
        f"'{name}' in registry {kind} doesn't say which arguments it takes ({cause}); register a function that calls it"
    )
    error = {"loc": (".".join(path), f"@{kind}"), "msg": message}
    return SignatureError(title="Config error: no signature", errors=[error])


@contextmanager
def full_paths(config: Any) -> Iterator[None]:
    """Let errors name the whole section: confection says `model` for `[training.model]`.

    Of a layer that stands beside its `*` they say where it would be a positional argument.
    """
    try:
        yield
    except ConfigValidationError as error:
        errors = [{**each, "loc": _full_path(config, each.get("loc", ()), error.config)} for each in error.errors or ()]
        errors = [{**each, "msg": each.get("msg", "") + _positional(each, error.config)} for each in errors]
        if errors == list(error.errors or ()):
            raise
        options: dict[str, Any] = {"desc": error.desc, "parent": error.parent, "show_config": error.show_config}
        raise ConfigValidationError(config=error.config, errors=errors, title=error.title, **options) from error


def _full_path(config: Any, loc: Any, block: Any) -> Any:
    """`loc` with the path of the one section that has this name and function; else `loc`."""
    if len(loc) != 2 or not isinstance(block, dict):
        return loc
    functions = {key: value for key, value in block.items() if str(key).startswith("@")}
    fits = [
        path
        for path, section in _sections(config)
        if path.rpartition(".")[2] == loc[0] and functions and functions.items() <= section.items()
    ]
    return (fits[0], loc[1]) if len(fits) == 1 else loc


def _positional(error: dict[str, Any], block: Any) -> str:
    """Where a block goes that came as an argument by name, to a function of positional ones."""
    loc, named = error.get("loc", ()), isinstance(block, dict) and "*" in block
    if not named or len(loc) != 2 or error.get("msg") != f"unexpected argument: '{loc[1]}'":
        return ""
    value = block.get(loc[1])
    if not isinstance(value, dict) or not any(str(key).startswith("@") for key in value):
        return ""
    return f"; as one of its positional arguments, call the section [{loc[0]}.*.{loc[1]}]"


def _sections(config: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for key, value in config.items() if isinstance(config, dict) else ():
        if isinstance(value, dict):
            inner = f"{path}.{key}".lstrip(".")
            yield inner, value
            yield from _sections(value, inner)
