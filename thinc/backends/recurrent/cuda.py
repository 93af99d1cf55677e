"""The steps of the LSTM on CUDA kernels: one launch for all gates of all sequences."""

from .._cuda import Grid, Launcher, are_floats, launches
from .reference import Recurrent


class CudaRecurrent(Recurrent):
    """See `Recurrent` for the formulas; the walk through time is the reference's."""

    _cuda: Launcher

    @launches(Recurrent._lstm_cell)
    def _lstm_cell(self, R, c, h, G, C, H):
        if not are_floats(self.xp, R, c, h, G, C, H):
            return NotImplemented
        if c.size:
            grid = Grid.of_elements(c.size)
            self._cuda("recurrent", "cell", (c.dtype.name,), grid, R, c, h, G, C, H, *c.shape)

    @launches(Recurrent._backprop_lstm_cell)
    def _backprop_lstm_cell(self, dH, dh, dc, G, C, C_prev, dA):
        if not are_floats(self.xp, dh, dc, G, C, C_prev, dA) or dH.dtype != dh.dtype:
            return NotImplemented
        if dH.strides[1] != dH.itemsize or dH.strides[0] % dH.itemsize:
            return NotImplemented
        if dc.size:
            grid, stride = Grid.of_elements(dc.size), dH.strides[0] // dH.itemsize
            arrays = (dH, stride, dh, dc, G, C, C_prev, dA)
            self._cuda("recurrent", "backprop_cell", (dc.dtype.name,), grid, *arrays, *dc.shape)
