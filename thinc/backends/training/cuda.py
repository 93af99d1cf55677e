"""The steps of training on CUDA kernels, updates of all parameters in one launch among them."""

from .._cuda import Grid, Launcher, address_of, are_floats, check_one_device, launches
from .reference import Training

PIECE = 4096  # these are as in kernels.cu
RULES = ("sgd", "adam", "first_moment")


class CudaTraining(Training):
    """See `Training` for the formulas."""

    _cuda: Launcher

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

    @launches(Training._step_weights)
    def _step_weights(self, rows):
        """Two launches for all parameters of a dtype, the norms for clipping and the steps; no copy to the host."""
        by_dtype = {}
        for row in rows:
            arrays = [array for array in row[:5] if array is not None]
            if not are_floats(self.xp, *arrays) or any(array.size != arrays[0].size for array in arrays):
                return NotImplemented
            check_one_device("the update of the weights", [*arrays, rows[0][0]])
            by_dtype.setdefault(row[0].dtype.name, []).append(row)
        for dtype, same in by_dtype.items():
            self._step_together(dtype, same)
        return True

    def _step_together(self, dtype, rows):
        """Update parameters of one dtype, whose tables take one copy each to the device."""
        addresses = [[0 if a is None else address_of(a) for a in column] for column in zip(*(row[:5] for row in rows))]
        sizes = [row[0].size for row in rows]
        pieces = [0]
        for size in sizes:
            pieces.append(pieces[-1] + -(-size // PIECE))
        if not pieces[-1]:
            return
        rules, *numbers = zip(*(row[5] for row in rows))
        table = self.xp.asarray([*addresses, sizes], "uint64")
        rules, has_limit = [RULES.index(rule) for rule in rules], any(numbers[0])
        numbers, ends = self.xp.asarray([rules, *numbers], "float64"), self.xp.asarray(pieces, "int64")
        squares, grid = self.xp.zeros(len(rows), "float64"), Grid.of_blocks(pieces[-1])
        if has_limit:
            self._cuda("training", "sum_squares", (dtype,), grid, table, numbers, ends, squares, len(rows))
        self._cuda("training", "step_weights", (dtype,), grid, table, numbers, ends, squares, len(rows))
