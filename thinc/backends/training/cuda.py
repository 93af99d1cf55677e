"""The steps of training on CUDA kernels, updates of all parameters in one launch among them."""

import weakref

import numpy

from .._cuda import Grid, Launcher, address_of, are_floats, check_one_device, launches
from .reference import Training

PIECE = 4096  # these are as in kernels.cu
RULES = ("sgd", "adam", "first_moment")
last_tables: dict[int, list["Tables"]] = {}  # by device: Ops are made anew for every step


class CudaTraining(Training):
    """See `Training` for the formulas."""

    _cuda: Launcher
    device_id: int

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
        """Two launches for all parameters of a dtype, the norms for clipping and the steps; no copy to the host.

        The tables of the last two lists of arrays stay on the device: most steps are with the same ones.
        """
        arrays, kept = [array for row in rows for array in row[:5]], last_tables.setdefault(self.device_id, [])
        tables = next((tables for tables in kept if tables.are_of(arrays)), None)
        if tables is None:
            groups = _groups_of(self.xp, rows)
            if groups is None:
                return NotImplemented
            tables = Tables(arrays, [Table(self.xp, dtype, places, rows) for dtype, places in groups.items()])
            kept[:] = [tables, *kept[:1]]
        for table in tables.each:
            self._step_together(table, rows)
        return True

    def _step_together(self, table, rows):
        """Update parameters of one dtype, whose numbers take one copy to the device."""
        common = {id(row[5]): (RULES.index(row[5][0]), *row[5][1:]) for row in rows}
        columns = numpy.array([common[id(rows[place][5])] for place in table.places], "float64").T
        numbers, count = self.xp.asarray(numpy.ascontiguousarray(columns)), len(table.places)
        has_limit, squares = columns[1].any(), table.squares
        grid, arrays = Grid.of_blocks(table.n_pieces), (table.addresses, numbers, table.pieces)
        if has_limit:
            squares = self.xp.zeros(count, "float64")
            self._cuda("training", "sum_squares", (table.dtype,), grid, *arrays, squares, count)
        self._cuda("training", "step_weights", (table.dtype,), grid, *arrays, squares, count)


class Table:
    """Where the parameters of one dtype lie, for the kernels.

    places: which rows.  addresses: (6, count).  pieces: (count + 1,), see kernels.cu.  squares: (count,) zeros.
    """

    def __init__(self, xp, dtype, places, rows):
        self.dtype, self.places, same = dtype, places, [rows[place] for place in places]
        sizes, pieces = [row[0].size for row in same], [0]
        for size in sizes:
            pieces.append(pieces[-1] + -(-size // PIECE))
        addresses = [[0 if a is None else address_of(a) for a in column] for column in zip(*(row[:5] for row in same))]
        self.n_pieces, self.squares = pieces[-1], xp.zeros(len(same), "float64")
        self.addresses, self.pieces = xp.asarray([*addresses, sizes], "uint64"), xp.asarray(pieces, "int64")


class Tables:
    """The tables of all dtypes, and weak references to the arrays that they are of."""

    def __init__(self, arrays, each):
        self._references = [nothing if array is None else weakref.ref(array) for array in arrays]
        self.each = [table for table in each if table.n_pieces]

    def are_of(self, arrays):
        """Are they of these very arrays, all still alive?"""
        references = self._references
        return len(references) == len(arrays) and all(r() is array for r, array in zip(references, arrays))


def nothing():
    """In place of a reference to no array."""
    return None


def _groups_of(xp, rows):
    """dtype -> places of its rows; None where the kernel can't work on one.  DeviceError: two devices."""
    groups = {}
    for place, row in enumerate(rows):
        arrays = [array for array in row[:5] if array is not None]
        if not are_floats(xp, *arrays) or any(array.size != arrays[0].size for array in arrays):
            return None
        check_one_device("the update of the weights", [*arrays, rows[0][0]])
        groups.setdefault(row[0].dtype.name, []).append(place)
    return groups
