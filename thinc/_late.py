"""Import a module when something of its own is first asked for: the one rule for all that is loaded late.

A package says in a table which of its modules holds which names.  What most programs never touch, as
the shims of other frameworks and the kernels for GPUs, then costs nothing; of the layers, losses and
optimizers each program pays for those that it names.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module
from importlib.util import resolve_name
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import Protocol

    class Expecting(Protocol):
        """A registry that can be told which module registers what."""

        def expect(self, homes: Mapping[str, str]) -> None: ...


def load_late(name: str, modules: Mapping[str, str], kind: Expecting | None = None) -> None:
    """Let each name of the module or package `name` import what holds it, when it is first asked for.

    modules: {where it is, relative to the package: the names, with spaces between them}.  Names that
    begin with @ are those under which something is registered there, in the registry `kind`.
    """
    late: Any = sys.modules[name]
    homes: dict[str, str] = {}
    registered: dict[str, str] = {}
    for module, held in modules.items():
        home = resolve_name("." + module, late.__package__)
        for each in held.split():
            if each[0] == "@":
                registered[each[1:]] = home
            else:
                homes[each] = home
    if kind is not None:
        kind.expect(registered)
    late._homes, late._modules, late._found = homes, frozenset(modules), {}
    late.__class__ = LateModule


class LateModule(ModuleType):
    """A module whose names are found in others, which are imported for that.

    Threads that ask at once wait for the same import, and get the same object.
    """

    _homes: dict[str, str]
    _modules: frozenset[str]
    _found: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        """What is not there yet comes here, and is kept."""
        if name in self._homes:
            value = self._find(name)
        elif name in self._modules and "__path__" in self.__dict__:
            value = _imported(f"{self.__name__}.{name}")
        else:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        setattr(self, name, value)
        return value

    def _find(self, name: str) -> Any:
        """What the table promises, also while a test has put something else in its place."""
        if name not in self._found:
            home = _imported(self._homes[name])
            is_late = isinstance(home, LateModule) and name in home._homes
            found = home._find(name) if is_late else getattr(home, name)
            self._found.setdefault(name, found)  # the import itself may have found it
        return self._found[name]

    def __setattr__(self, name: str, value: Any) -> None:
        # When `thinc.layers.chain` has been imported, the import system binds the module to the
        # package, under a name that is promised to the function in it.
        if isinstance(value, ModuleType) and value.__name__ == f"{self.__name__}.{name}":
            held = [each for each, home in self._homes.items() if home == value.__name__]
            self._found |= {each: getattr(value, each) for each in held if hasattr(value, each)}
            value = self._found.get(name, value)
        super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._homes, *self.__dict__.get("__all__", ())})


def _imported(module: str) -> ModuleType:
    try:
        return import_module(module)
    except AttributeError as error:  # who asks would take it for: there is no such name
        raise ImportError(f"{module} can't be imported: {error}") from error
