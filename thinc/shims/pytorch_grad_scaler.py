"""Scale gradients so that half precision doesn't flush them to zero."""

from collections.abc import Iterable
from typing import Any

from .torch_arrays import import_torch


class PyTorchGradScaler:
    """Dynamic loss scaling on any device.  Micikevicius et al. 2018, arXiv:1710.03740.

    The scale shrinks by `backoff_factor` after an overflow and grows by
    `growth_factor` after `growth_interval` updates without one.
    """

    def __init__(
        self,
        enabled: bool = False,
        init_scale: float = 2.0**16,
        backoff_factor: float = 0.5,
        growth_factor: float = 2.0,
        growth_interval: int = 2000,
    ):
        torch = import_torch()
        self._enabled = enabled
        self._growth_factor = growth_factor
        self._backoff_factor = backoff_factor
        self._growth_interval = growth_interval
        self._growth_tracker = torch.full((1,), 0, dtype=torch.int)
        self._scale = torch.full((1,), init_scale)
        self._found_inf = False

    def to_(self, device: Any) -> None:
        self._growth_tracker = self._growth_tracker.to(device)
        self._scale = self._scale.to(device)

    def scale(self, tensors: Any, inplace: bool = False) -> Any:
        """tensors · scale: a tensor for a tensor, a list for an iterable of tensors."""
        if not self._enabled:
            return tensors
        torch = import_torch()
        if isinstance(tensors, torch.Tensor):
            return self._scale_one(tensors, inplace)
        if not isinstance(tensors, Iterable) or isinstance(tensors, (str, bytes, dict)):
            raise ValueError(
                f"PyTorchGradScaler got {type(tensors).__name__}. Give it a tensor or an iterable of tensors."
            )
        items = list(tensors)
        for item in items:
            if not isinstance(item, torch.Tensor):
                raise ValueError(f"PyTorchGradScaler got an iterable with {type(item).__name__}. Give it tensors only.")
        return [self._scale_one(item, inplace) for item in items]

    def _scale_one(self, tensor: Any, inplace: bool) -> Any:
        scale = self._scale.to(tensor.device, non_blocking=True)
        # `mul` with a float32 tensor of one element keeps half tensors half.
        return tensor.mul_(scale[0]) if inplace else tensor * scale[0]

    def unscale(self, tensors: Iterable[Any]) -> bool:
        """Divide in place by the scale.  Is (or was, since `update`) any value not finite?"""
        if not self._enabled:
            return False
        torch = import_torch()
        groups: dict = {}
        each: Iterable[Any] = [tensors] if isinstance(tensors, torch.Tensor) else tensors
        for tensor in each:
            groups.setdefault((tensor.device, tensor.dtype), []).append(tensor)
        inverse = self._scale.double().reciprocal().float()
        for (device, _), group in groups.items():
            found = torch.zeros((1,), device=device)
            torch._amp_foreach_non_finite_check_and_unscale_(group, found, inverse.to(device))
            if bool(found.item()):
                self._found_inf = True
        return self._found_inf

    @property
    def found_inf(self) -> bool:
        return self._found_inf

    def update(self) -> None:
        """Adapt the scale to what `unscale` found, then forget it."""
        if not self._enabled:
            return
        if self._found_inf:
            self._scale = self._scale * self._backoff_factor
            self._growth_tracker.zero_()
        else:
            self._growth_tracker += 1
            if int(self._growth_tracker) >= self._growth_interval:
                self._scale = self._scale * self._growth_factor
                self._growth_tracker.zero_()
        self._found_inf = False
