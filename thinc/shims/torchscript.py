"""Hold a TorchScript module, whose bytes contain the program too."""

import io
from collections.abc import Callable
from typing import Any

from ..errors import LoadError
from ..serialization.packing import dumps
from .pytorch import PyTorchShim
from .pytorch_grad_scaler import PyTorchGradScaler
from .torch_arrays import import_torch


class TorchScriptShim(PyTorchShim):
    """Interface between a TorchScript module and a thinc layer.

    model: None until `from_bytes` brings one.
    """

    def __init__(
        self,
        model: Any,
        config: dict | None = None,
        optimizer: Any = None,
        mixed_precision: bool = False,
        grad_scaler: PyTorchGradScaler | None = None,
        device: Any = None,
    ):
        torch = import_torch()
        if model is not None and not isinstance(model, torch.jit.ScriptModule):
            raise ValueError(
                f"TorchScriptShim got {type(model).__name__}. Give it a "
                "torch.jit.ScriptModule, for instance from torch.jit.script, or None."
            )
        super().__init__(model, config, optimizer, mixed_precision, grad_scaler, device)

    def to_bytes(self) -> bytes:
        data = io.BytesIO()
        if self._model is not None:
            import_torch().jit.save(self._model, data)
        return dumps({"config": self.cfg, "model": data.getvalue()})

    def stage_bytes(self, bytes_data: bytes) -> Callable[[], Any]:
        message = self._unpack(bytes_data)
        if not isinstance(message.get("model"), bytes):
            raise LoadError("shim.model", "the file has no program")
        model = self._load(message["model"]) if message["model"] else None

        def commit() -> Any:
            self._model, self.cfg = model, message["config"]
            self._grad_scaler.to_(self.device)
            return self

        return commit

    def _load(self, program: bytes) -> Any:
        torch, device = import_torch(), self.device
        # TorchScript can't be mapped to mps while it is being read.
        place = "cpu" if device.type == "mps" else device
        try:
            model = torch.jit.load(io.BytesIO(program), map_location=place)
        except Exception as error:
            raise LoadError("shim.model", f"torch can't read it: {error}") from error
        return model.to(device)
