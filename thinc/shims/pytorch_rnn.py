"""Hold a recurrent PyTorch module."""

from typing import Any

from ..types import ArgsKwargs
from .pytorch import PyTorchShim
from .torch_arrays import import_torch


class PyTorchRNNShim(PyTorchShim):
    """Pack sequences, so that a step after the end of one is never seen."""

    @property
    def packs(self) -> bool:
        """Only torch's own RNN modules are known to take a PackedSequence."""
        return isinstance(self._model, import_torch().nn.RNNBase)

    def run_model(self, inputs: ArgsKwargs) -> Any:
        if "lengths" not in inputs.kwargs:
            return super().run_model(inputs)
        X, state = inputs.args
        lengths = inputs.kwargs["lengths"]
        return self._run_packed(X, lengths, state)

    def _run_packed(self, X: Any, lengths: list[int], state: Any) -> Any:
        """X: (time, batch, width), the longest sequence first."""
        torch = import_torch()
        rnn = torch.nn.utils.rnn
        nT, nB = X.shape[:2]
        # torch refuses empty sequences: give them one step, then cut it off.
        grown = torch.nn.functional.pad(X, (0, 0, 0, int(nB == 0), 0, int(nT == 0)))
        steps = [max(1, length) for length in lengths] or [1]
        packed = rnn.pack_padded_sequence(grown, steps, enforce_sorted=True)
        Y, final = self._model(packed, state)
        Y, _ = rnn.pad_packed_sequence(Y, total_length=grown.shape[0])
        Y = Y[:nT, :nB]
        if 0 in lengths:
            is_real = torch.tensor([length > 0 for length in lengths], device=Y.device)
            Y = Y * is_real.to(Y.dtype).reshape(1, -1, 1)
        return Y, final
