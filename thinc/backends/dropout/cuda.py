"""Dropout masks on the GPU, from the generator of the CPU."""

from .._cuda import Grid, Launcher, launches
from ..training.reference import Training
from .cpu import as_sizes, draw_seed


class CudaDropout(Training):
    """See `Training` for the meaning, and `CpuDropout` for what the masks depend on: both draw the same."""

    _cuda: Launcher

    @launches(Training.get_dropout_mask)
    def get_dropout_mask(self, shape, drop):
        if drop is None or not 0 < drop < 1:
            return NotImplemented
        Y = self.xp.empty(as_sizes(shape), "float32")
        seed = draw_seed()
        if Y.size:
            self._cuda("dropout", "mask", (), Grid.of_elements(Y.size), Y, Y.size, drop, seed)
        return Y
