"""All activations in their reference form, in one class."""

from ._elementwise import INV_SQRT2, INV_SQRT_2PI, SQRT2PI, gaussian_cdf, gaussian_pdf
from .clipped import Clipped
from .smooth import Smooth
from .softmax import Softmax

__all__ = [
    "INV_SQRT2",
    "INV_SQRT_2PI",
    "SQRT2PI",
    "Activations",
    "gaussian_cdf",
    "gaussian_pdf",
]


class Activations(Clipped, Smooth, Softmax):
    """Shapes are free, float dtypes are kept; see the parts for each formula."""
