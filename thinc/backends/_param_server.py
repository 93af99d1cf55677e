"""ParamServer: parameters and gradients of a model, here or behind a proxy."""

from typing import Any

KeyT = tuple[int, str]


class ParamServer:
    """Values are kept under (model id, name).

    proxy: any object with get_param, set_param, set_grad and inc_grad of the
    signatures below.  With one, parameters are read from it and gradients go to it.
    """

    def __init__(self, params=None, grads=None, *, proxy: Any = None):
        self._params: dict[KeyT, Any] = dict(params) if params else {}
        self._grads: dict[KeyT, Any] = dict(grads) if grads else {}
        self.proxy = proxy

    @property
    def param_keys(self) -> tuple[KeyT, ...]:
        """The keys of all parameters."""
        return tuple(self._params)

    @property
    def grad_keys(self) -> tuple[KeyT, ...]:
        """The keys of those parameters that have a gradient."""
        return tuple(key for key in self._params if key in self._grads)

    def has_param(self, model_id: int, name: str) -> bool:
        return (model_id, name) in self._params

    def has_grad(self, model_id: int, name: str) -> bool:
        return (model_id, name) in self._grads

    def get_param(self, model_id: int, name: str):
        """The parameter; KeyError if there is none."""
        if self.proxy is not None:
            self._params[model_id, name] = self.proxy.get_param(model_id, name)
        return self._params[model_id, name]

    def get_grad(self, model_id: int, name: str):
        """The gradient; KeyError if there is none."""
        return self._grads[model_id, name]

    def set_param(self, model_id: int, name: str, value) -> None:
        if self.proxy is not None:
            self.proxy.set_param(model_id, name, value)
        self._params[model_id, name] = value

    def set_grad(self, model_id: int, name: str, value) -> None:
        if self.proxy is not None:
            self.proxy.set_grad(model_id, name, value)
        else:
            self._grads[model_id, name] = value

    def inc_grad(self, model_id: int, name: str, value) -> None:
        """Add to the gradient; the first value is copied, so it stays the caller's."""
        key = (model_id, name)
        if self.proxy is not None:
            self.proxy.inc_grad(model_id, name, value)
        elif key in self._grads:
            self._grads[key] += value
        else:
            self._grads[key] = value.copy()
