"""Update many parameters, with one call of the kernels for all that stand ready."""

from collections.abc import Callable
from typing import Any
from weakref import ref

from numpy import ndarray

from ..backends import get_array_ops
from ..backends._accelerate import kernels
from ..errors import ContainerError, ShapeError
from .fused import fused_numbers, fused_row

NOT_YET = object()  # stands for an average where None says that there are to be none


def _never(row: tuple) -> bool:
    return False


# Lies all of a row in main memory, dense and of one dtype? One question to the kernels is what makes it cheap.
_is_ready: Callable[[tuple], bool] = _never if kernels is None else kernels.is_ready


class Updates:
    """The updates that one call of an optimizer makes, in the order of the parameters."""

    __slots__ = ("optimizer", "lr_scale", "is_simple", "numbers", "on_host", "elsewhere")

    def __init__(self, optimizer: Any, lr_scale: float):
        self.optimizer, self.lr_scale = optimizer, lr_scale
        # The averages are the usual ones, and nothing else follows the update.
        self.is_simple = optimizer.lookahead is None and optimizer.averaging is None
        self.numbers: dict[Any, tuple | None] = {}  # what parameters have in common, by their counts of updates
        self.on_host: list[tuple] = []  # rows that can be updated together
        self.elsewhere: dict[Any, tuple[Any, list[tuple]]] = {}  # kind and device -> Ops and such rows

    def add(self, key: Any, weights: Any, gradient: Any) -> None:
        """Update a parameter, now or with all others in `run`; without rows there is nothing to do."""
        optimizer = self.optimizer
        t, averages = optimizer.nr_update.get(key, 0) + 1, optimizer.averages
        numbers = self._numbers_of(key, t)
        average = None if averages is None else averages.get(key, NOT_YET)
        row = (weights, gradient, optimizer.mom1.get(key), optimizer.mom2.get(key), average, numbers)
        if _is_ready(row) and self.is_simple:  # as nearly all are from their second update on
            optimizer.nr_update[key] = t
            self.on_host.append(row)
        elif numbers is not None and self.is_simple and (place := place_of_row(row)) in self.elsewhere:
            optimizer.nr_update[key] = t
            self.elsewhere[place][1].append(row)
        elif gradient.shape[:1] != (0,):
            self._check(key, weights, gradient)
            self._add_any(key, weights, gradient, numbers)

    def run(self) -> None:
        """Update all that wait."""
        if self.on_host:
            get_array_ops(self.on_host[0][0])._step_weights(self.on_host)
            self.on_host.clear()
        for ops, rows in self.elsewhere.values():
            if rows:
                ops._step_weights(rows)
                rows.clear()

    def _numbers_of(self, key: Any, t: int) -> tuple | None:
        """`fused_numbers`, computed once for all parameters with the same settings and count."""
        groups = self.optimizer.groups
        kind = (t, *(key in group.keys for group in groups)) if groups else t
        if kind not in self.numbers:
            settings = self.optimizer._settings_of(key)
            self.numbers[kind] = fused_numbers(self.optimizer, t, settings, self.lr_scale)
        return self.numbers[kind]

    def _check(self, key: Any, weights: Any, gradient: Any) -> None:
        """Refuse what can't be updated before anything of it is changed or counted."""
        if gradient.size != weights.size:
            raise ShapeError(
                f"optimizer: the parameter {key} has the shape {weights.shape}, but its gradient {gradient.shape}; "
                "give a gradient of the same shape"
            )
        for name in ("mom1", "mom2", "slow", "averages"):
            held = (getattr(self.optimizer, name) or {}).get(key)
            if held is not None and held.size != weights.size:
                raise ShapeError(
                    f"optimizer: the parameter {key} has the shape {weights.shape}, but {name} of earlier updates "
                    f"{held.shape}; call optimizer.forget({key}) after replacing a parameter by one of another shape"
                )
        for name, array in (("parameter", weights), ("gradient of the parameter", gradient)):
            if isinstance(array, ndarray) and not array.flags.writeable:
                raise ContainerError(f"optimizer: the {name} {key} is read-only; give a copy of it")

    def _add_any(self, key: Any, weights: Any, gradient: Any, numbers: tuple | None) -> None:
        """Update a parameter of any dtype and layout, by any rule, on any device."""
        optimizer, (ops, waiting) = self.optimizer, self._place_of(weights)
        can_wait = numbers is not None and self.is_simple and _are_plain(ops, weights, gradient)
        if not can_wait:
            self.run()  # two parameters may share memory, so what comes before the copies must be done
        # Low-precision weights are updated in float32, or small steps would be rounded away.
        dtype = "float64" if weights.dtype.newbyteorder("=") == "float64" else "float32"
        w = ops.xp.asarray(weights, dtype=dtype, order="C")  # `ascontiguousarray` adds an axis to a number
        g = ops.xp.asarray(gradient, dtype=dtype, order="C")
        optimizer.nr_update[key] = optimizer.nr_update.get(key, 0) + 1
        if optimizer.lookahead and key not in optimizer.slow:
            optimizer.slow[key] = w.reshape(weights.shape).copy()
        if numbers is None:
            optimizer._update(ops, key, w, g, optimizer._settings_of(key), self.lr_scale)
        else:
            row = fused_row(optimizer, ops, key, w, g, numbers, self.is_simple)
            waiting.append(row)
            if can_wait:
                remember_row(row)
                return
            self.run()
        gradient.fill(0.0)
        if numbers is None or not self.is_simple:
            optimizer._follow(ops, key, w)
        if w is not weights:
            weights[...] = w.reshape(weights.shape)

    def _place_of(self, weights: Any) -> tuple[Any, list[tuple]]:
        """The Ops for the device of the weights, and what waits for it: a model may lie on several GPUs."""
        if type(weights) is ndarray:
            return get_array_ops(weights), self.on_host
        place = device_of(weights)
        if place not in self.elsewhere:
            self.elsewhere[place] = get_array_ops(weights), []
        return self.elsewhere[place]


def device_of(weights: Any) -> tuple[type, str]:
    """Which library holds an array, and where."""
    return type(weights), str(weights.device)


# Rows on a device that were found to be plain, by the address of the weights: to ask the arrays
# again in every step would take longer than the step itself.
_plain_rows: dict[int, tuple[list[Any], tuple[type, str]]] = {}


def remember_row(row: tuple) -> None:
    """Keep that these arrays, on a device, can be updated together with others, as long as they live."""
    weights, number = row[0], id(row[0])
    if type(weights) is not ndarray:
        references = [None if array is None else ref(array) for array in row[:5]]
        references[0] = ref(weights, lambda _: _plain_rows.pop(number, None))
        _plain_rows[number] = references, device_of(weights)


def place_of_row(row: tuple) -> tuple[type, str] | None:
    """Where the very arrays of a row lie, if `remember_row` has seen them; else None."""
    references, place = _plain_rows.get(id(row[0]), ((), None))
    if not references:
        return None
    for reference, array in zip(references, row):
        if (None if reference is None else reference()) is not array:
            return None
    return place


def _are_plain(ops: Any, weights: Any, gradient: Any) -> bool:
    """Can the kernels take both as they are?"""
    if not type(weights) is type(gradient) is ops.xp.ndarray or weights.dtype != gradient.dtype:
        return False
    return weights.dtype in ("float32", "float64") and weights.flags.c_contiguous and gradient.flags.c_contiguous
