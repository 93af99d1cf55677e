"""Compare two inputs by one layer that reads both."""

from collections.abc import Callable
from typing import Any

from ..config import registry
from ..model import Model
from ..types import get_width
from ._check import check_layers
from ._dims import copy_dims


@registry.layers("siamese.v1")
def siamese(layer: Model, similarity: Model) -> Model[tuple, Any]:
    """Y = similarity(layer(X₁), layer(X₂)) for the pair X = (X₁, X₂).

    Bromley et al. 1993, "Signature verification using a siamese time delay network".
    """
    check_layers("siamese", layer, similarity)
    return Model(
        f"siamese({layer.name}, {similarity.name})",
        forward,
        init=init,
        layers=[layer, similarity],
        dims={
            "nI": layer.maybe_get_dim("nI"),
            "nO": similarity.maybe_get_dim("nO"),
        },
    )


def forward(model: Model, X: tuple, is_train: bool) -> tuple[Any, Callable]:
    layer, similarity = model.layers
    vectors1, backprop1 = layer(X[0], is_train)
    vectors2, backprop2 = layer(X[1], is_train)
    Y, backprop_similarity = similarity((vectors1, vectors2), is_train)

    def backprop(dY: Any) -> tuple:
        d_vectors1, d_vectors2 = backprop_similarity(dY)
        dX2 = backprop2(d_vectors2)
        return backprop1(d_vectors1), dX2

    return Y, backprop


def init(model: Model, X: Any = None, Y: Any = None) -> None:
    layer, similarity = model.layers
    if X is None:
        layer.initialize()
        copy_width(layer, similarity)
        similarity.initialize(Y=Y)
    else:
        if layer.has_dim("nI") is not False:
            layer.set_dim("nI", get_width(X[1]))
        layer.initialize(X=X[0])
        pair = (layer.predict(X[0]), layer.predict(X[1]))
        similarity.initialize(X=pair, Y=Y)
    copy_dims(model, layer, ("nI",))
    copy_dims(model, similarity, ("nO",))


def copy_width(layer: Model, similarity: Model) -> None:
    """Let the similarity read what the layer writes, where nobody said otherwise."""
    if layer.has_dim("nO") and similarity.has_dim("nI") is None:
        similarity.set_dim("nI", layer.get_dim("nO"))
