"""Registries that select their entry points once."""

from __future__ import annotations

from typing import Any

import catalogue


class Registry(catalogue.Registry):
    """As `catalogue.Registry`, which goes through all that is installed at each look-up.

    Measured with 90 entry points: 0.25 ms a look-up, and `resolve` takes six of them for a block.
    """

    _selected: tuple[Any, list[Any]] | None = None

    def _get_entry_points(self) -> list[Any]:
        everything = catalogue.AVAILABLE_ENTRY_POINTS  # read once, when catalogue was imported
        if self._selected is None or self._selected[0] is not everything:
            self._selected = everything, list(super()._get_entry_points())
        return self._selected[1]


def create(*namespace: str, entry_points: bool = False) -> Any:
    """A new registry.  Raises RegistryError if something has been registered under the namespace."""
    if catalogue.check_exists(*namespace):
        raise catalogue.RegistryError(f"There is already a registry {namespace}; choose another name.")
    return Registry(namespace, entry_points=entry_points)
