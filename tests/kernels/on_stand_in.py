"""Run the kernels, in emulation, on the memory of the stand-in's arrays."""

from .emulator import Emulator
from .fake_cupy import ndarray


class OnStandIn(Emulator):
    """A launcher for `CupyOps._cuda` while the stand-in is CuPy."""

    def __call__(self, family, kernel, types, grid, *values):
        held = [value._host if isinstance(value, ndarray) else value for value in values]
        super().__call__(family, kernel, types, grid, *held)
