"""Hand the input on as it is."""

from collections.abc import Callable
from typing import Any

from ..config import registry
from ..model import Model
from .dropout import pass_on


@registry.layers("noop.v1")
def noop(*layers: Model) -> Model[Any, Any]:
    """Y = X.  Given layers are kept as children, so that they are saved and trained."""
    return Model("noop", forward, layers=list(layers))


def forward(model: Model, X: Any, is_train: bool) -> tuple[Any, Callable]:
    return X, pass_on
