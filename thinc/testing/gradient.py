"""Compare the gradients of a model with finite differences."""

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy

from ..errors import ThincError
from ..interop import fix_random_seed, to_numpy
from ..model import Model
from ..model.paths import walk_paths
from .batches import each_array, is_float, named_floats
from .slopes import STEPS, one_sided

# Relative to the largest entry of an array. float32 loses half of its digits in a difference.
TOLERANCE = {"float64": 1e-4, "float32": 3e-2, "float16": 3e-1}


@dataclass(frozen=True)
class Mismatch:
    """One array whose gradient is off, at the entry where it is off the most.

    at: None where the gradient has another shape than the array; the two shapes are the numbers.
    """

    where: str
    at: tuple[int, ...] | None
    found: Any
    expected: Any

    def __str__(self) -> str:
        if self.at is None:
            return f"{self.where} has the shape {self.expected}, but its gradient {self.found}"
        return (
            f"{self.where}{list(self.at)}: backprop gives {self.found:.6g}, finite differences give {self.expected:.6g}"
        )


class GradientError(ThincError, AssertionError):
    """Backprop does not give the slopes of the forward pass.

    mismatches: one for each array that is off.
    """

    def __init__(self, name: str, mismatches: list[Mismatch]):
        self.name, self.mismatches = name, mismatches
        lines = "\n".join(f"  {mismatch}" for mismatch in mismatches)
        super().__init__(f"The gradient of {name!r} is wrong:\n{lines}")

    def __reduce__(self) -> tuple:
        return type(self), (self.name, self.mismatches)


@dataclass
class Part:
    """An array that the loss depends on, with what backprop gave for it.

    within: gives a context in which the model reads the array, where it doesn't anyway.
    """

    where: str
    array: Any
    gradient: Any
    within: Callable[[], AbstractContextManager] = nullcontext


def check_gradient(
    model: Model,
    X: Any,
    *,
    of: Callable[[Model, Any], Any] | None = None,
    ignore: Collection[str] = (),
    tolerance: float | None = None,
    entries: int = 50,
    seed: int = 0,
) -> None:
    """Raise GradientError unless backprop gives the slopes of Σ Y ⊙ dY, for a random dY.

    Checked are X and every parameter of every layer and wrapped model. The model stays as it
    is: a copy runs, in float64 where nothing foreign is wrapped. Dropout draws the same mask in
    every run; a wrapped framework's random generator is left with this seed.

    X: an initialized model's batch, in any container.  tolerance: relative to the largest entry
    of each array.  entries: of each array so many, drawn at random, are compared.
    of(model, X): what backprop is the derivative of, where it isn't that of the output:
    Softmax hands on the gradient of its scores.  ignore: names of parameters that are not
    trained; "X" for an input that has no gradient.

    At a corner, such as 0 of the rectifier, every slope between the two sides is right. Where
    many corners meet in one entry, as for zeros before a dense layer, no slope can be told.
    """
    rng = numpy.random.default_rng(seed)
    model = model.copy()
    has_shims = any(node.shims for node in model.walk())
    X = _prepare(model, X, has_shims)
    with _random_state_kept():

        def forward(is_train: bool = True) -> Any:
            _seed(model, seed, has_shims)
            return of(model, X) if of is not None else model(X, is_train=is_train)[0]

        def weigh(Y: Any) -> Any:
            return model.ops.asarray(rng.normal(size=Y.shape), dtype=str(Y.dtype)) if is_float(Y) else Y

        weights = each_array(weigh, forward())
        parts = list(_parts(model, X, _backprop(model, X, weights, seed, has_shims), ignore))
        loss = _Loss(forward, [array for _, array in named_floats(weights, "dY")])
        found = [_compare(part, loss, rng, entries, tolerance) for part in parts]
    mismatches = [mismatch for mismatch in found if mismatch is not None]
    if mismatches:
        raise GradientError(str(model.name), mismatches)


class _Loss:
    """Σ Y ⊙ dY as a float; `size` is Σ |Y ⊙ dY|, which says how much rounding there is."""

    def __init__(self, forward: Callable[[], Any], weights: list[Any]):
        self.forward, self.weights = forward, weights
        self.size = 0.0

    def __call__(self) -> float:
        total = self.size = 0.0
        for (_, Y), dY in zip(named_floats(self.forward(), "Y"), self.weights, strict=True):
            terms = to_numpy(Y).astype("float64") * to_numpy(dY)
            total += float(terms.sum())
            self.size += float(numpy.abs(terms).sum())
        return total


def _prepare(model: Model, X: Any, has_shims: bool) -> Any:
    """X in memory of its own; everything in float64 where the model is all ours."""
    if has_shims:
        return each_array(lambda A: A.copy(), X)
    for node in model.walk():
        for name in node.param_names:
            if node.has_param(name) and is_float(node.get_param(name)):
                node.set_param(name, node.get_param(name).astype("float64"))
    return each_array(lambda A: A.astype("float64") if is_float(A) else A.copy(), X)


def _backprop(model: Model, X: Any, weights: Any, seed: int, has_shims: bool) -> Any:
    """dX; the gradients of the parameters are in the model then, and only those."""
    for node in model.walk():
        for name in node.grad_names:
            node.set_grad(name, node.get_grad(name) * 0)
        for shim in node.shims:
            shim.read_grads()
    _seed(model, seed, has_shims)
    return model(X, is_train=True)[1](weights)


def _parts(model: Model, X: Any, dX: Any, ignore: Collection[str]) -> Iterator[Part]:
    ours = [array for _, array in named_floats(dX, "dX")]
    for i, (name, array) in enumerate([] if "X" in ignore else named_floats(X, "X")):
        yield Part(name, array, ours[i] if i < len(ours) else None)
    for node, where in walk_paths(model):
        for name in node.param_names:
            if name not in ignore and node.has_param(name) and is_float(node.get_param(name)):
                # A parameter without gradient has the gradient zero: one that was forgotten is found.
                array = node.get_param(name)
                yield Part(f"{where}.{name}", array, node.maybe_get_grad(name))
        for shim in node.shims:
            yield from _shim_parts(shim, where, ignore)


def _shim_parts(shim: Any, where: str, ignore: Collection[str]) -> Iterator[Part]:
    give, values = shim.framework.give, shim.read()
    gradients = {name: give(gradient) for name, gradient in shim.read_grads().items()}
    for name in shim.param_names():
        if name not in ignore:
            array = give(values[name]).copy(order="C")
            yield Part(f"{where}.{name}", array, gradients.get(name), partial(shim.use_params, {shim.key(name): array}))


def _compare(part: Part, loss: _Loss, rng: Any, entries: int, tolerance: float | None) -> Mismatch | None:
    """The worst entry of the array, if it is too bad."""
    if part.gradient is not None and part.gradient.shape != part.array.shape:
        return Mismatch(part.where, None, part.gradient.shape, part.array.shape)

    def run() -> float:
        with part.within():
            return loss()

    dtype = str(part.array.dtype)
    places = list(numpy.ndindex(*part.array.shape))
    if len(places) > entries:
        places = [places[i] for i in rng.choice(len(places), entries, replace=False)]
    found = [(0.0 if part.gradient is None else float(part.gradient[at])) for at in places]
    slopes = list(one_sided(run, part.array, places))
    scale = max([abs(g) for g in found] + [abs(s) for _, *both in slopes for s in both], default=0.0)
    noise = 8 * float(numpy.finfo(dtype).eps) * max(1.0, loss.size) / STEPS[dtype]
    allowed = (TOLERANCE[dtype] if tolerance is None else tolerance) * scale + noise
    worst, mismatch = allowed, None
    for g, (at, left, right) in zip(found, slopes):
        # At a corner everything between the two slopes is right.
        off = max(min(left, right) - g, g - max(left, right))
        if not off <= worst:
            worst, mismatch = off, Mismatch(part.where, at, g, (left + right) / 2)
    return mismatch


def _seed(model: Model, seed: int, has_shims: bool) -> None:
    if has_shims:
        fix_random_seed(seed)
    else:
        model.ops.xp.random.seed(seed)


@contextmanager
def _random_state_kept() -> Iterator[None]:
    state = numpy.random.get_state()  # noqa: NPY002 (layers draw from it)
    try:
        yield
    finally:
        numpy.random.set_state(state)  # noqa: NPY002
