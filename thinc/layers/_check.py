"""Refuse what is no layer, before a combinator asks it for its name or its dims."""

from typing import Any

from ..errors import ContainerError
from ..model import Model
from ..types.check import describe


def check_layers(combinator: str, *layers: Any) -> None:
    """Raises ContainerError with the position of the first of `layers` that isn't a Model."""
    for i, layer in enumerate(layers):
        if not isinstance(layer, Model):
            made = f": call it, {layer.__name__}(...)" if callable(layer) and hasattr(layer, "__name__") else ""
            raise ContainerError(f"{combinator}: layer {i} is {describe(layer)}, wants a Model{made}.")
