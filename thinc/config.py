"""Turn config files into objects: the function registries of thinc."""

from __future__ import annotations

import configparser
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

import confection
from confection import VARIABLE_RE, ConfigValidationError, Promise  # pyright: ignore[reportPrivateImportUsage]  public

from ._catalogue import create
from ._config_blocks import map_listed, overridden
from ._config_errors import full_paths, no_signature, unknown_name, what_comes_twice
from ._config_shape import check_overrides, check_shape

__all__ = ["Config", "registry", "ConfigValidationError", "Promise", "VARIABLE_RE"]


if TYPE_CHECKING:
    FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])

    class Kind(Protocol):
        """One registry, as type checkers see it: a registered function keeps its type."""

        namespace: Sequence[str]
        entry_points: bool

        def __call__(self, name: str, func: Any = None) -> Callable[[FunctionT], FunctionT]: ...
        def register(self, name: str, *, func: Any = None) -> Callable[[FunctionT], FunctionT]: ...
        def get(self, name: str) -> Callable[..., Any]: ...
        def get_all(self) -> dict[str, Any]: ...
        def get_loaded(self) -> dict[str, Any]: ...
        def expect(self, homes: Mapping[str, str]) -> None: ...
        def find(self, name: str) -> dict[str, Any]: ...
        def get_entry_points(self) -> dict[str, Any]: ...
        def get_entry_point(self, name: str, default: Any = None) -> Any: ...
        def __contains__(self, name: str) -> bool: ...


class Config(confection.Config):
    """A nested dict that is read from, and written to, the INI-like config format."""

    def __init__(self, data: Any = None, *, is_interpolated: bool | None = None, section_order: Any = None):
        if isinstance(data, dict):
            check_shape(data)
        super().__init__(data, is_interpolated=is_interpolated, section_order=section_order)

    def from_str(
        self, text: str, *, interpolate: bool = True, overrides: dict[str, Any] | None = None, schema: Any = None
    ) -> Config:
        """Replace the contents by `text`; return self.

        A single line without `[` that names an existing file is read as that file.

        Raises ConfigValidationError for whatever is wrong with the text, also for broken `$` and
        circular references, and for a text beyond the limits of `thinc._config_limits`.
        """
        from ._config_limits import check_text  # most programs read no config

        check_overrides(overrides)
        text = _read_if_path(text)
        check_text(text, interpolate)
        try:
            super().from_str(text, interpolate=interpolate, overrides=overrides or {})
            if overrides and interpolate:
                # The published method resolves overrides into a *new* object and leaves
                # this one unresolved; we read the overridden text back into ourselves.
                super().from_str(self.to_str())
        except configparser.InterpolationError as error:
            raise ConfigValidationError(title="Can't resolve a variable", desc=str(error)) from error
        except (configparser.DuplicateSectionError, configparser.DuplicateOptionError) as error:
            raise what_comes_twice(error) from error
        except (KeyError, TypeError, AttributeError, RecursionError) as error:
            # Sections in what is no section, values that are nested a thousand times.
            raise ConfigValidationError(title="Can't read the config", desc=f"{error!r:.200}") from error
        check_shape(self)
        self.is_interpolated = interpolate
        if schema is not None:
            self.fill_defaults(schema)
            self.validate(schema)
        return self

    def to_str(self, *, interpolate: bool = True) -> str:
        """The text of the config; variables in it stay variables.

        Compatibility: the published method doubles every `$$` of a config that is not interpolated,
        and fails on a lone `$` beside a variable.
        """
        # confection doubles `$`: hide ours behind a character that no config uses.
        lone = r"\$(?!\{)" if self.is_interpolated else r"\$\$|\$(?!\{)"
        hidden = Config(_hide(dict(self), lone), is_interpolated=self.is_interpolated)
        text = confection.Config.to_str(hidden, interpolate=interpolate)
        return text.replace(HIDDEN, "$$").replace(HIDDEN_JSON, "$$")


keras_model_fns: Kind = create("thinc", "keras", entry_points=True)  # filled by `keras_subclass`
HIDDEN, HIDDEN_JSON = "\uf8ff", "\\uf8ff"  # the last private character, and how JSON writes it


def _hide(value: Any, dollars: str) -> Any:
    if isinstance(value, dict):
        return {key: _hide(each, dollars) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_hide(each, dollars) for each in value]
    return re.sub(dollars, HIDDEN, value) if isinstance(value, str) and "$" in value else value


class registry(confection.registry):  # lower case: the published name
    """All functions that configs can name, one catalogue per kind.

    Other packages subclass it, and register by the entry point groups `thinc_<kind>`.
    """

    optimizers: ClassVar[Kind] = create("thinc", "optimizers", entry_points=True)
    schedules: ClassVar[Kind] = create("thinc", "schedules", entry_points=True)
    layers: ClassVar[Kind] = create("thinc", "layers", entry_points=True)
    losses: ClassVar[Kind] = create("thinc", "losses", entry_points=True)
    initializers: ClassVar[Kind] = create("thinc", "initializers", entry_points=True)
    datasets: ClassVar[Kind] = create("thinc", "datasets", entry_points=True)
    ops: ClassVar[Kind] = create("thinc", "ops", entry_points=True)
    shims: ClassVar[Kind] = create("thinc", "shims", entry_points=True)

    @classmethod
    def create(cls, registry_name: str, entry_points: bool = False) -> None:
        """Add a registry as the attribute `registry_name`; ValueError if there is one."""
        if hasattr(cls, registry_name):
            raise ValueError(f"There is already a registry '{registry_name}'; choose another name.")
        setattr(cls, registry_name, create("thinc", registry_name, entry_points=entry_points))

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

        Raises ConfigValidationError for arguments that don't fit their function, and SignatureError
        (a ConfigValidationError too) for a function that doesn't say which it takes.
        """
        check_shape(config)
        added: list[tuple[str, ...]] = []
        options: dict[str, Any] = {"interpolate": interpolate, "validate": validate}
        config = overridden(config, overrides)
        config = map_listed(config, lambda block, path: dict(cls.fill({path: block}, **options)[path]))
        if isinstance(config, dict) and not cls.is_promise(config):
            config = cls._with_positionals(config, (), added)
        with full_paths(config):
            filled = super().fill(config, schema=schema, interpolate=interpolate, validate=validate)
        filled = Config(filled, is_interpolated=filled.is_interpolated, section_order=filled.section_order)
        for path in added:
            _drop_positionals(filled, path)
        return filled

    @classmethod
    def resolve(
        cls,
        config: Any,
        *,
        schema: Any = None,
        overrides: dict[str, Any] | None = None,
        validate: bool = True,
    ) -> dict[str, Any]:
        """`config` with every block replaced by what its function returns, innermost first.

        Raises ConfigValidationError, with section and key, for arguments that don't fit, and
        UnknownNameError (a ConfigValidationError too) for a function that is not registered,
        SignatureError as `fill`.
        Compatibility: blocks inside lists are resolved too.
        """
        check_shape(config)
        if isinstance(config, confection.Config) and not config.is_interpolated:
            config = config.interpolate()
        config = overridden(config, overrides)
        cls._check_names(config, ())
        config = map_listed(config, lambda block, path: cls.resolve({path: block}, validate=validate)[path])
        with full_paths(config):
            return super().resolve(config, schema=schema, validate=validate)

    @classmethod
    def _check_names(cls, block: Any, path: tuple[str, ...]) -> None:
        """Raise UnknownNameError with the section, and the nearest name that there is."""
        for key, value in block.items() if isinstance(block, dict) else enumerate(block):
            if isinstance(value, (dict, list)):
                cls._check_names(value, (*path, str(key)))
        if not cls.is_promise(block):
            return
        kind, name = cls.get_constructor(block)
        catalogued = getattr(cls, kind, None)
        if catalogued is None or not hasattr(catalogued, "get_all"):
            kinds = [each for each in dir(cls) if hasattr(getattr(cls, each), "get_all")]
            raise unknown_name(path, f"@{kind}", f"unknown registry: '{kind}'", kind, kinds)
        if not isinstance(name, str) or not cls.has(kind, name):
            name = str(name)
            message = f"can't find '{name}' in registry {kind}"
            raise unknown_name(path, f"@{kind}", message, name, list(catalogued.get_all()))

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
        if cls.is_promise(block) and cls._is_variadic(block, path) and "*" not in block:
            items["*"] = []
            added.append(path)
        if isinstance(block, confection.Config):
            return type(block)(items, is_interpolated=block.is_interpolated, section_order=block.section_order)
        return items

    @classmethod
    def _is_variadic(cls, block: dict[str, Any], path: tuple[str, ...]) -> bool:
        """Does the function take `*args`?  Raises SignatureError if confection can't ask it either."""
        kind, name = cls.get_constructor(block)
        if not isinstance(name, str) or not cls.has(kind, name):
            return False
        function = cls.get(kind, name)
        try:
            if not hasattr(function, "__name__"):  # a partial, or an object with `__call__`
                raise TypeError(f"{function!r:.80} has no __name__")
            parameters = inspect.signature(function).parameters.values()
        except (TypeError, ValueError) as error:
            raise no_signature(path, kind, name, error) from error
        return any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters)


def _drop_positionals(config: Any, path: tuple[str, ...]) -> None:
    """Remove an empty `*` entry that we added ourselves."""
    for key in path:
        config = config.get(key) if isinstance(config, dict) else None
    if isinstance(config, dict) and config.get("*") == []:
        del config["*"]


def _read_if_path(text: str) -> str:
    """The text of the file that `text` names, or `text` itself."""
    if not isinstance(text, str):
        raise ConfigValidationError(title="Can't read the config", desc=f"a text is needed, but {type(text)} came")
    name = text.strip()
    if not name or "\n" in name or "[" in name:
        return text
    try:
        path = Path(name)
        return path.read_text(encoding="utf8") if path.is_file() else text
    except (OSError, ValueError):  # too long for a name, or a NUL byte in it
        return text
