"""The steps of training on CUDA kernels, Adam over all parameters in one launch among them."""

from .._cuda import Grid, address_of, are_floats, launches
from .reference import Training

PIECE = 4096  # as in kernels.cu


class CudaTraining(Training):
    """See `Training` for the formulas."""

    @launches(Training.adam)
    def adam(self, weights, gradient, mom1, mom2, beta1, beta2, eps, learn_rate, mod_rate=1.0):
        arrays = weights, gradient, mom1, mom2
        if not are_floats(self.xp, *arrays) or not weights.shape == gradient.shape == mom1.shape == mom2.shape:
            return NotImplemented
        if weights.size:
            grid, settings = Grid.of_elements(weights.size), (beta1, beta2, eps, learn_rate, mod_rate)
            self._cuda("training", "adam", (weights.dtype.name,), grid, *arrays, weights.size, *settings)
        return arrays

    @launches(Training.clip_gradient)
    def clip_gradient(self, gradient, threshold):
        xp = self.xp
        if not are_floats(xp, gradient):
            return NotImplemented
        # All on the device: reading the norm would make the host wait for everything before it.
        wide = gradient.astype("float32") if gradient.dtype == "float16" else gradient
        norm = xp.sqrt(xp.square(wide).sum(dtype="float64"))
        too_long = (norm > 0) & (norm >= threshold)
        factor = xp.where(too_long, float(threshold) / xp.where(too_long, norm, 1.0), 1.0)
        gradient *= factor.astype(gradient.dtype)
        return gradient

    @launches(Training.update_averages)
    def update_averages(self, ema, weights, t, max_decay=0.9999):
        if not are_floats(self.xp, ema, weights) or ema.shape != weights.shape:
            return NotImplemented
        rest = 1.0 - min((1.0 + float(t)) / (10.0 + float(t)), float(max_decay))
        if ema.size:
            grid = Grid.of_elements(ema.size)
            self._cuda("training", "update_averages", (ema.dtype.name,), grid, ema, weights, ema.size, rest)

    def _adam_many(self, arrays, rates, grad_clip, beta1, beta2, eps):
        """One step of Adam for many parameters, and whether it was done; clips each gradient on the device.

        arrays: (weights, gradient, mom1, mom2) of each parameter.  rates: the learning rate of each.
        grad_clip: the largest norm of a gradient, or 0.  Two launches and no copy to the host.
        """
        if self._cuda is None or not arrays or not are_floats(self.xp, *(a for four in arrays for a in four)):
            return False
        if any(not w.shape == g.shape == m1.shape == m2.shape for w, g, m1, m2 in arrays):
            return False
        count, types = len(arrays), (arrays[0][0].dtype.name,)
        table, pieces, total = self._tables(arrays)
        squares = self.xp.zeros(count, "float64")
        grid = Grid((min(max(total, 1), 1 << 16),), (256,))
        if grad_clip > 0:
            self._cuda("training", "sum_squares", types, grid, table, pieces, squares, count)
        rates = self.xp.asarray(rates, "float64")
        settings = (count, grad_clip, beta1, beta2, eps)
        self._cuda("training", "adam_many", types, grid, table, pieces, squares, rates, *settings)
        return True

    def _tables(self, arrays):
        """What `adam_many` reads: addresses and sizes, where pieces begin, and how many pieces there are."""
        sizes = [four[0].size for four in arrays]
        columns = [[address_of(array) for array in column] for column in zip(*arrays)]
        pieces = [0]
        for size in sizes:
            pieces.append(pieces[-1] + -(-size // PIECE))
        return self.xp.asarray([*columns, sizes], "uint64"), self.xp.asarray(pieces, "int64"), pieces[-1]
