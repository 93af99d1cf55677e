"""Write and read the weights of a torch module without pickle."""

import io
from collections.abc import Callable, Iterator
from typing import Any

from ..errors import LoadError
from ..interop import dtype_name
from .named_tensors import check_fit
from .torch_arrays import import_torch


def default_serialize_torch_model(model: Any) -> bytes:
    """The state dict as `torch.save` writes it."""
    data = io.BytesIO()
    import_torch().save(model.state_dict(), data)
    return data.getvalue()


def default_deserialize_torch_model(model: Any, state_bytes: bytes, device: Any) -> Any:
    """Load what `default_serialize_torch_model` wrote; no code in it is ever run."""
    torch = import_torch()
    state = torch.load(io.BytesIO(state_bytes), map_location=device, weights_only=True)
    model.load_state_dict(state)
    model.to(device)
    return model


def named_state(module: Any) -> dict[str, Any]:
    """Parameters and buffers; `torch.compile` leaves no trace in the names."""
    if module is None:
        return {}
    state = module.state_dict()
    return {name.replace("_orig_mod.", ""): value for name, value in state.items()}


def named_parameters(module: Any) -> Iterator[tuple[str, Any]]:
    """Tied weights once; `torch.compile` leaves no trace in the names."""
    for name, param in module.named_parameters() if module is not None else ():
        yield name.replace("_orig_mod.", ""), param


def distinct_state(module: Any) -> dict[str, Any]:
    """Parameters and buffers that are plain tensors; tied ones once, under their first name."""
    state = {name: value for name, value in named_state(module).items() if is_plain(value)}
    first = _first_names(state)
    return {name: value for name, value in state.items() if first[name] == name}


def stage_zip(module: Any, data: bytes) -> Callable[[], None]:
    """Check what `torch.save` wrote; the result sets the weights."""
    torch = import_torch()
    found, mine = _load_zip(data), named_state(module)
    first = _first_names({name: value for name, value in mine.items() if is_plain(value)})
    covered = {first.get(name, name) for name in found}
    for name in mine:
        if first.get(name, name) not in covered:
            raise LoadError(f"state['{name}']", "the file has no such tensor")
    for name, value in found.items():
        _check(name, value, mine)

    def load() -> None:
        with torch.no_grad():
            for name, value in found.items():
                if name in first:
                    mine[name].copy_(value)
        if len(first) < len(mine):  # extra state, which only the module understands
            module.load_state_dict(found, strict=False)

    return load


def _check(name: str, value: Any, mine: dict) -> None:
    path = f"state[{name!r:.80}]"
    if name not in mine:
        raise LoadError(path, "the model has no such tensor")
    if not is_plain(mine[name]):
        return
    if not is_plain(value):
        raise LoadError(path, "this is not a plain tensor")
    check_fit(path, dtype_name(value), list(value.shape), mine[name])


def is_plain(value: Any) -> bool:
    """Is it a tensor whose memory says everything about it?"""
    torch = import_torch()
    return isinstance(value, torch.Tensor) and value.layout is torch.strided and not value.is_quantized


def _first_names(values: dict[str, Any]) -> dict[str, str]:
    """Name -> first name of the same memory, so that tied weights are written once."""
    seen: dict = {}
    first = {}
    for name, value in values.items():
        key: Any = name
        if value.numel():
            place = (value.device, value.data_ptr(), value.dtype)
            key = (*place, tuple(value.shape), value.stride())
        first[name] = seen.setdefault(key, name)
    return first


def _load_zip(state: bytes) -> dict[str, Any]:
    torch = import_torch()
    try:
        found = torch.load(io.BytesIO(state), map_location="cpu", weights_only=True)
    except Exception as error:
        raise LoadError("state", f"torch can't read it: {error}") from error
    if not isinstance(found, dict) or not all(isinstance(n, str) for n in found):
        raise LoadError("state", "this is not a state dict")
    return {name.replace("_orig_mod.", ""): value for name, value in found.items()}
