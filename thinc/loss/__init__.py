"""The names of the losses."""

from .base import Loss
from .crossentropy import (
    CategoricalCrossentropy,
    SequenceCategoricalCrossentropy,
    configure_CategoricalCrossentropy_v1,
    configure_CategoricalCrossentropy_v2,
    configure_CategoricalCrossentropy_v3,
    configure_SequenceCategoricalCrossentropy_v1,
    configure_SequenceCategoricalCrossentropy_v2,
    configure_SequenceCategoricalCrossentropy_v3,
)
from .distance import (
    CosineDistance,
    L2Distance,
    configure_CosineDistance,
    configure_L2Distance,
)
from .targets import to_categorical

__all__ = [
    "SequenceCategoricalCrossentropy",
    "CategoricalCrossentropy",
    "L2Distance",
    "CosineDistance",
    "Loss",
    "to_categorical",
    "configure_CategoricalCrossentropy_v1",
    "configure_CategoricalCrossentropy_v2",
    "configure_CategoricalCrossentropy_v3",
    "configure_SequenceCategoricalCrossentropy_v1",
    "configure_SequenceCategoricalCrossentropy_v2",
    "configure_SequenceCategoricalCrossentropy_v3",
    "configure_CosineDistance",
    "configure_L2Distance",
]
