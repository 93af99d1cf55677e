"""The names of the losses."""

from .base import Loss
from .binary import (
    BinaryCrossentropy,
    BinaryFocalCrossentropy,
    configure_BinaryCrossentropy,
    configure_BinaryFocalCrossentropy,
)
from .crossentropy import (
    CategoricalCrossentropy,
    configure_CategoricalCrossentropy_v1,
    configure_CategoricalCrossentropy_v2,
    configure_CategoricalCrossentropy_v3,
)
from .distance import (
    CosineDistance,
    L2Distance,
    configure_CosineDistance,
    configure_L2Distance,
)
from .sequences import (
    SequenceCategoricalCrossentropy,
    configure_SequenceCategoricalCrossentropy_v1,
    configure_SequenceCategoricalCrossentropy_v2,
    configure_SequenceCategoricalCrossentropy_v3,
)
from .softmax import (
    FocalCrossentropy,
    SoftmaxCrossentropy,
    configure_FocalCrossentropy,
    configure_SoftmaxCrossentropy,
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
    "BinaryCrossentropy",
    "configure_BinaryCrossentropy",
    "BinaryFocalCrossentropy",
    "configure_BinaryFocalCrossentropy",
    "FocalCrossentropy",
    "configure_FocalCrossentropy",
    "SoftmaxCrossentropy",
    "configure_SoftmaxCrossentropy",
]
