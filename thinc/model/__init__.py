"""The model class: forward functions with their parameters, in a tree."""

from typing import TYPE_CHECKING

from .. import _late
from .attributes import (
    change_attr_values,
    deserialize_attr,
    serialize_attr,
    set_dropout_rate,
)
from .initialize import create_init, empty_init
from .model import Model
from .operators import context_operators
from .paths import path_of
from .summary import Summary
from .tree import wrap_model_recursive

if TYPE_CHECKING:
    from .safetensors import export_safetensors, import_safetensors

_late.load_late(__name__, {"safetensors": "export_safetensors import_safetensors"})

__all__ = [
    "Model",
    "serialize_attr",
    "deserialize_attr",
    "change_attr_values",
    "set_dropout_rate",
    "wrap_model_recursive",
    "empty_init",
    "context_operators",
    "create_init",
    "path_of",
    "Summary",
    "export_safetensors",
    "import_safetensors",
]
