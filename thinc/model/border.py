"""Run a layer's functions, and give every error on its way out the path of the layer.

Where nothing goes wrong this costs nothing. Where something does, the innermost layer says what
came and what to do (see `diagnosis`), and each layer further out puts itself before the path:
`chain[2] > linear`. Errors of thinc show it in their text, foreign ones in a note.
"""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from ..errors import ContainerError, DTypeError, ShapeError, ThincError
from ..types import DATA_VALIDATION, validate_fwd_input_output
from .diagnosis import advise_call, advise_start, describe_call, misfit, misfit_gradient
from .paths import call, walk_paths
from .tree import walk
from .turns import can_repeat, predict_alone, turns

InT = TypeVar("InT", contravariant=True)
OutT = TypeVar("OutT", covariant=True)
CallsT = TypeVar("CallsT", bound="Calls")
# Errors that a batch of the wrong kind brings about somewhere inside a layer.
CAUSED_BY_X = (AttributeError, TypeError, ContainerError, DTypeError, ShapeError)


class Calls(Generic[InT, OutT]):
    """The four ways to run a layer's functions."""

    __slots__ = ()
    _func: Callable
    init: Callable | None
    name: str

    def __call__(self, X: InT, is_train: bool = False) -> tuple[OutT, Callable]:
        """The output, and the callback from its gradient to the gradient of X."""
        try:
            pair = self._func(self, X, is_train=is_train)
            _, _ = pair  # here, so that the error is this layer's and not that of the one around it
            return pair
        except Exception as error:
            locate(error, self, X)
            raise

    def begin_update(self, X: InT) -> tuple[OutT, Callable]:
        """A call for training.

        What fails in the callback of a root that is no chain names no layer: a function around the
        callback took 0.2 of the 2.5 µs of a small Linear's two passes.
        """
        try:
            pair = self._func(self, X, is_train=True)
            _, _ = pair
            return pair
        except Exception as error:
            locate(error, self, X)
            raise

    def predict(self, X: InT) -> OutT:
        """The output of a call that is not for training; a load in another thread comes before or after it."""
        seen = turns.count
        try:
            Y, _ = self._func(self, X, is_train=False)
            # `turns.passed(seen)` without its call, which took a quarter of the time of a noop.
            if (turns.count == seen and not seen & 1) or not can_repeat(X):
                return Y
        except Exception as error:
            if turns.passed(seen) or not can_repeat(X):
                locate(error, self, X)
                raise
        return predict_alone(self._func, self, X)

    def initialize(self: CallsT, X: Any | None = None, Y: Any | None = None) -> CallsT:
        """Set missing dims and params, from a batch where one is given."""
        try:
            if DATA_VALIDATION.get():
                validate_fwd_input_output(self.name, self._func, X, Y)
            if self.init is not None:
                self.init(self, X=X, Y=Y)
        except Exception as error:
            if not hasattr(error, "_trail") and isinstance(error, ThincError):
                error.hint = advise_start(self, X, Y)
            lengthen(error, self)
            raise
        return self


def locate(error: Exception, node: Any, X: Any) -> None:
    """Put the node into the error; raise a better one where X is what no layer of its kind takes."""
    if not hasattr(error, "_trail"):
        if _is_no_pair(error):
            better: ThincError | None = ContainerError("forward returned no pair: return (Y, backprop).")
            lengthen(better, node)
            raise better from error
        better = misfit(node, X) if type(error) in CAUSED_BY_X else None
        # What an op says about the shape or dtype of an array is more exact than an annotation.
        if better is not None and (isinstance(better, ContainerError) or not isinstance(error, ThincError)):
            better.hint = advise_call(node, X)
            lengthen(better, node)
            raise better from error
        if isinstance(error, ThincError):
            error.hint = advise_call(node, X)
        else:
            _mark(error)._came = describe_call(node, X)
    lengthen(error, node)


def _is_no_pair(error: Exception) -> bool:
    """Is this from the unpacking in a method of `Calls`, and not from anything that it called?"""
    is_here = error.__traceback__ is not None and error.__traceback__.tb_next is None
    return is_here and isinstance(error, (TypeError, ValueError)) and "unpack" in str(error)


def locate_backprop(error: Exception, node: Any, child: Any) -> None:
    """Put the path from the node to the layer whose callback failed into the error.

    A callback is no method, so no border of ours is passed on its way back: the layer is the last
    one below `child`, a layer of the node, that a function on the way to the error knows.
    """
    if isinstance(error, RecursionError):
        return
    path, inner = getattr(error, "_trail", ("", None))
    if inner == id(node):
        return
    places = {id(found): place for found, place in walk_paths(node)}
    if not path:
        path = places.get(id(_innermost(error.__traceback__, child)), call(node))
    elif inner in places:
        path = places[inner].rpartition(" > ")[0] + " > " + path
    _show(error, path, node)


def locate_gradient(error: Exception, node: Any, dY: Any, wants: Any = None) -> None:
    """Put the node into an error of its callback; raise a better one where dY is what no callback of its kind takes.

    For a callback to call where something went wrong: it works without a border, and so without any cost.
    wants: Ragged, Padded, list or tuple; anything else for an array.
    """
    better = None if hasattr(error, "_trail") else misfit_gradient(dY, wants)
    if better is not None:
        lengthen(better, node)
        raise better from error
    lengthen(error, node)


def _innermost(traceback: Any, node: Any) -> Any:
    """The node, or the lowest one below it that is a variable of a function in the traceback."""
    below = {id(found) for found in walk(node)}
    while traceback is not None:
        for value in list(traceback.tb_frame.f_locals.values()):
            if id(value) in below:
                node, below = value, {id(found) for found in walk(value)}
        traceback = traceback.tb_next
    return node


def lengthen(error: Exception, node: Any) -> None:
    """Put the node before the path that the error has so far."""
    if isinstance(error, RecursionError):
        return
    path, inner = getattr(error, "_trail", ("", None))
    if inner == id(node):
        return
    if not path:
        path = call(node)
    else:
        index = next((f"[{i}]" for i, child in enumerate(node.layers) if id(child) == inner), "")
        path = f"{call(node)}{index} > {path}"
    _show(error, path, node)


def _show(error: Exception, path: str, node: Any) -> None:
    """Put the path, which begins with the node, where it can be read."""
    _mark(error)._trail = (path, id(node))
    if isinstance(error, ThincError):
        error.where = path
    else:
        notes = [note for note in getattr(error, "__notes__", ()) if not note.startswith("In the layer ")]
        came = getattr(error, "_came", "")
        _mark(error).__notes__ = [*notes, f"In the layer {path}{came}"]  # shown from Python 3.11 on


def _mark(error: Exception) -> Any:
    return error  # exceptions take new attributes
