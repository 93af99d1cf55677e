"""The names of the losses, which are imported when they are first asked for."""

from typing import TYPE_CHECKING

from .. import _late, config

if TYPE_CHECKING:
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

_late.load_late(
    __name__,
    {
        "base": "Loss",
        "binary": "BinaryCrossentropy BinaryFocalCrossentropy "
        "configure_BinaryCrossentropy configure_BinaryFocalCrossentropy "
        "@BinaryCrossentropy.v1 @BinaryFocalCrossentropy.v1",
        "crossentropy": "CategoricalCrossentropy configure_CategoricalCrossentropy_v1 "
        "configure_CategoricalCrossentropy_v2 configure_CategoricalCrossentropy_v3 "
        "@CategoricalCrossentropy.v1 @CategoricalCrossentropy.v2 @CategoricalCrossentropy.v3",
        "distance": "CosineDistance L2Distance configure_CosineDistance configure_L2Distance "
        "@CosineDistance.v1 @L2Distance.v1",
        "sequences": "SequenceCategoricalCrossentropy configure_SequenceCategoricalCrossentropy_v1 "
        "configure_SequenceCategoricalCrossentropy_v2 configure_SequenceCategoricalCrossentropy_v3 "
        "@SequenceCategoricalCrossentropy.v1 @SequenceCategoricalCrossentropy.v2 "
        "@SequenceCategoricalCrossentropy.v3",
        "softmax": "FocalCrossentropy SoftmaxCrossentropy configure_FocalCrossentropy "
        "configure_SoftmaxCrossentropy @FocalCrossentropy.v1 @SoftmaxCrossentropy.v1",
        "targets": "to_categorical",
    },
    config.registry.losses,
)

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
