"""Walk a tree of torch modules from the root down."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from ..errors import ConversionError
from ..layers._framework import single_use
from ..layers.pytorchwrapper import PyTorchRNNWrapper, PyTorchWrapper, convert_pytorch_default_outputs
from ..layers.with_padded import with_padded
from ..model import Model
from ..shims.torch_arrays import import_torch
from .parts import Part
from .registry import CantConvert, Place, find_converter
from .report import Entry, Report
from .sequences import axes_of

Sequences = Literal["arrays", "ragged"]


def from_torch(
    module: Any, *, sequences: Sequences = "arrays", report: Callable[[Report], Any] | None = None
) -> Model[Any, Any]:
    """A native model that computes what the torch module does, with copies of its weights.

    sequences: "arrays" gives a model that takes the arrays that the module takes as tensors, in
        the same axes. Several arguments come as a tuple, a dict or ArgsKwargs, as with
        PyTorchWrapper: masks for attention and encoders; a recurrent layer takes X or
        (X, lengths), with zeros beyond the lengths. "ragged" gives a model that takes Ragged,
        Padded or a list of (length, width), whatever the order of the axes in the module.
    report: is called with a `Report` of what is native, what is wrapped and why:
        `report=print` prints it.

    Recurrent layers and attention give their first output only, without final states and
    attention weights. A module is native if its class has a converter: Sequential and
    ModuleList, Linear, Embedding, LayerNorm, RMSNorm, BatchNorm1d, Dropout, Conv1d, LSTM, GRU,
    MultiheadAttention, TransformerEncoder and its layers, and the activations. All others are
    copied and wrapped whole, modules with hooks or parametrizations and those whose tensors are
    tied to each other too. `initialize` changes nothing; frozen parameters are frozen here,
    and so are biases that the module doesn't have.
    Raises ConversionError for anything but a module, and where a part can't take sequences.

    >>> import numpy, torch
    >>> module = torch.nn.Sequential(torch.nn.Embedding(9, 4), torch.nn.PReLU(), torch.nn.Linear(4, 2))
    >>> model = from_torch(module, report=print)
    path  module     parameters  has become
    0     Embedding          36  native: embed
    1     PReLU               1  wrapped: no converter for PReLU
    2     Linear             10  native: linear
    2 native (46 parameters), 1 wrapped (1 parameters)
    >>> model.predict(numpy.asarray([[1, 2, 3]])).shape
    (1, 3, 2)
    """
    torch = import_torch()
    if not isinstance(module, torch.nn.Module):
        raise ConversionError(f"from_torch got {type(module).__name__}. Give it a torch.nn.Module.")
    if sequences not in ("arrays", "ragged"):
        raise ConversionError(f'from_torch got sequences={sequences!r}. Choose "arrays" or "ragged".')
    _check_weights(module)
    walk = _Walk(module, sequences)
    part = walk.run()
    model = part.for_arrays() if sequences == "arrays" else part.for_ragged()
    if report is not None:
        report(Report(entry for entry, _ in walk.done.values() if entry is not None))
    return model


def _check_weights(module: Any) -> None:
    """Raise ConversionError where parameters are only shapes."""
    bare = [name for name, parameter in module.named_parameters() if not _is_lazy(parameter) and parameter.is_meta]
    if bare:
        raise ConversionError(
            f"from_torch: {', '.join(bare[:5])} have no values yet: they are on the device 'meta'. Load weights into "
            "module.to_empty(device='cpu') first."
        )


@dataclass
class _Walk:
    """One conversion.

    done: id of module -> its entry in the report (None for containers) and its part.
    whole: id of module -> why it is to be wrapped whole.
    """

    root: Any
    sequences: str
    done: dict[int, tuple[Entry | None, Part]] = field(default_factory=dict)
    whole: dict[int, str] = field(default_factory=dict)

    def run(self) -> Part:
        """Convert until no tensor is shared by two parts."""
        part = self.convert(self.root, "")
        while tie := self._find_tie():
            ancestor, reason = tie
            self.whole[id(ancestor)] = reason
            self.done.clear()
            part = self.convert(self.root, "")
        return part

    def convert(self, module: Any, path: str) -> Part:
        """The part of one module; a module that occurs twice has one part."""
        if id(module) in self.done:
            return self.done[id(module)][1]
        before = list(self.done)
        try:
            entry, part = self._convert_natively(module, path)
        except CantConvert as error:
            for key in [key for key in self.done if key not in before]:
                del self.done[key]
            part = _wrap(module).at(path)
            entry = _entry(module, path, "", str(error))
        self.done[id(module)] = (entry, part)
        return part

    def _convert_natively(self, module: Any, path: str) -> tuple[Entry | None, Part]:
        reason = self.whole.get(id(module)) or _find_obstacle(module)
        if reason:
            raise CantConvert(reason)
        converter = find_converter(type(module))
        if converter is None:
            raise CantConvert(f"no converter for {type(module).__name__}")
        children: list[Part] = []

        def child(name: str) -> Part:
            children.append(self.convert(module.get_submodule(name), f"{path}.{name}" if path else name))
            return children[-1]

        part = converter(module, Place(path, self.sequences, child)).at(path)
        return (None if children else _entry(module, path, part.layer.name, "")), part

    def _find_tie(self) -> tuple[Any, str] | None:
        """The module around two parts that hold the same tensor, and what to say about it."""
        owners: dict[int, str] = {}
        by_id = {id(module): module for module in self.root.modules()}
        leaves = [(by_id[key], entry) for key, (entry, _) in self.done.items() if entry is not None]
        for module, entry in leaves:
            for parameter in module.parameters():
                other = owners.setdefault(id(parameter), entry.path)
                if other != entry.path:
                    return self._around(other, entry.path), f"{other} and {entry.path} share a tensor"
        return None

    def _around(self, one: str, two: str) -> Any:
        shared = []
        for a, b in zip(one.split("."), two.split(".")):
            if a != b:
                break
            shared.append(a)
        # Two paths that begin alike up to one's end: the parent is wrapped too.
        while shared and ".".join(shared) in (one, two):
            shared.pop()
        return self.root.get_submodule(".".join(shared))


def _find_obstacle(module: Any) -> str:
    """Why a module with a converter can't be turned, "" if it can."""
    torch = import_torch()
    if "forward" in vars(module):
        return "its forward is replaced"
    hooks = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
    if any(getattr(module, name, None) for name in hooks):
        return "has hooks"
    if torch.nn.utils.parametrize.is_parametrized(module):
        return "has parametrizations"
    return ""


def _wrap(module: Any) -> Part:
    """The copied module as a layer; recurrent ones and attention give their first output."""
    nn, copied = import_torch().nn, copy.deepcopy(module)
    if isinstance(module, nn.RNNBase) and not _find_obstacle(module):
        copied.batch_first = False  # as the wrapper gives it batches; the weights don't depend on it
        return Part(with_padded(PyTorchRNNWrapper(copied)), "sequences", axes_of(module), "last")
    if isinstance(module, (nn.RNNBase, nn.MultiheadAttention)):
        return Part(PyTorchWrapper(copied, convert_outputs=first_output))
    return Part(PyTorchWrapper(copied))


@single_use
def first_output(model: Model, X_Ytorch: Any, is_train: bool) -> tuple[Any, Callable]:
    """The first of several outputs; the others get no gradient."""
    X, Ytorch = X_Ytorch
    return convert_pytorch_default_outputs(model, (X, Ytorch[0]), is_train)


def _entry(module: Any, path: str, layer: str, reason: str) -> Entry:
    nP = sum(parameter.numel() for parameter in module.parameters() if not _is_lazy(parameter))
    return Entry(path, type(module).__name__, layer, reason, nP)


def _is_lazy(parameter: Any) -> bool:
    return import_torch().nn.parameter.is_lazy(parameter)
