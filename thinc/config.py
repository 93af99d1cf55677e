"""Turn config files into objects: the function registries of thinc."""

from __future__ import annotations

import configparser
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

import catalogue
import confection
from confection import VARIABLE_RE, ConfigValidationError, Promise

__all__ = ["Config", "registry", "ConfigValidationError", "Promise", "VARIABLE_RE"]


if TYPE_CHECKING:
    FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])

    class Kind(Protocol):
        """One registry, as type checkers see it: a registered function keeps its type."""

        namespace: tuple[str, ...]
        entry_points: bool

        def __call__(self, name: str) -> Callable[[FunctionT], FunctionT]: ...
        def register(self, name: str, *, func: Any = None) -> Callable[[FunctionT], FunctionT]: ...
        def get(self, name: str) -> Callable[..., Any]: ...
        def get_all(self) -> dict[str, Callable[..., Any]]: ...
        def find(self, name: str) -> dict[str, Any]: ...
        def get_entry_points(self) -> dict[str, Any]: ...
        def get_entry_point(self, name: str, default: Any = None) -> Any: ...
        def __contains__(self, name: str) -> bool: ...


class Config(confection.Config):
    """A nested dict that is read from, and written to, the INI-like config format."""

    def from_str(
        self, text: str, *, interpolate: bool = True, overrides: dict[str, Any] | None = None, schema: Any = None
    ) -> Config:
        """Replace the contents by `text`; return self.

        A single line without `[` that names an existing file is read as that file.

        Raises ConfigValidationError, also for broken `$` and circular references.
        """
        text = _read_if_path(text)
        try:
            super().from_str(text, interpolate=interpolate, overrides=overrides or {})
            if overrides and interpolate:
                # The published method resolves overrides into a *new* object and leaves
                # this one unresolved; we read the overridden text back into ourselves.
                super().from_str(self.to_str())
        except configparser.InterpolationError as error:
            raise ConfigValidationError(title="Can't resolve a variable", desc=str(error)) from error
        self.is_interpolated = interpolate
        if schema is not None:
            self.fill_defaults(schema)
            self.validate(schema)
        return self


class registry(confection.registry):  # lower case: the published name
    """All functions that configs can name, one catalogue per kind.

    Other packages subclass it, and register by the entry point groups `thinc_<kind>`.
    """

    optimizers: ClassVar[Kind] = catalogue.create("thinc", "optimizers", entry_points=True)
    schedules: ClassVar[Kind] = catalogue.create("thinc", "schedules", entry_points=True)
    layers: ClassVar[Kind] = catalogue.create("thinc", "layers", entry_points=True)
    losses: ClassVar[Kind] = catalogue.create("thinc", "losses", entry_points=True)
    initializers: ClassVar[Kind] = catalogue.create("thinc", "initializers", entry_points=True)
    datasets: ClassVar[Kind] = catalogue.create("thinc", "datasets", entry_points=True)
    ops: ClassVar[Kind] = catalogue.create("thinc", "ops", entry_points=True)

    @classmethod
    def create(cls, registry_name: str, entry_points: bool = False) -> None:
        """Add a registry as the attribute `registry_name`; ValueError if there is one."""
        if hasattr(cls, registry_name):
            raise ValueError(f"There is already a registry '{registry_name}'; choose another name.")
        setattr(cls, registry_name, catalogue.create("thinc", registry_name, entry_points=entry_points))

    @classmethod
    def fill(
        cls,
        config: Any,
        *,
        schema: Any = None,
        overrides: dict[str, Any] | None = None,
        interpolate: bool = False,
        validate: bool = True,
    ) -> Config:
        """`config` with the defaults of the functions it names filled in; nothing is called.

        Raises ConfigValidationError for arguments that don't fit their function.
        """
        added: list[tuple[str, ...]] = []
        if isinstance(config, dict) and not cls.is_promise(config):
            config = cls._with_positionals(config, (), added)
        filled = super().fill(
            config, schema=schema, overrides=overrides or {}, interpolate=interpolate, validate=validate
        )
        filled = Config(filled, is_interpolated=filled.is_interpolated, section_order=filled.section_order)
        for path in added:
            _drop_positionals(filled, path)
        return filled

    @classmethod
    def _with_positionals(
        cls, block: dict[str, Any], path: tuple[str, ...], added: list[tuple[str, ...]]
    ) -> dict[str, Any]:
        """A copy in which functions with `*args` have an entry for them; `added` lists where.

        Compatibility: confection takes a missing `*` for a missing required argument.
        """
        items = {
            key: cls._with_positionals(value, (*path, key), added) if isinstance(value, dict) else value
            for key, value in block.items()
        }
        if cls.is_promise(block) and "*" not in block and cls._is_variadic(block):
            items["*"] = []
            added.append(path)
        if isinstance(block, confection.Config):
            return type(block)(items, is_interpolated=block.is_interpolated, section_order=block.section_order)
        return items

    @classmethod
    def _is_variadic(cls, block: dict[str, Any]) -> bool:
        kind, name = cls.get_constructor(block)
        if not isinstance(name, str) or not cls.has(kind, name):
            return False
        try:
            parameters = inspect.signature(cls.get(kind, name)).parameters.values()
        except (TypeError, ValueError):  # some compiled functions have no signature
            return False
        return any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters)


def _drop_positionals(config: Any, path: tuple[str, ...]) -> None:
    """Remove an empty `*` entry that we added ourselves."""
    for key in path:
        config = config.get(key) if isinstance(config, dict) else None
    if isinstance(config, dict) and config.get("*") == []:
        del config["*"]


def _read_if_path(text: str) -> str:
    """The text of the file that `text` names, or `text` itself."""
    name = text.strip()
    if not name or "\n" in name or "[" in name:
        return text
    try:
        path = Path(name)
        return path.read_text(encoding="utf8") if path.is_file() else text
    except (OSError, ValueError):  # too long for a name, or a NUL byte in it
        return text
