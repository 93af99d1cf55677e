"""Write and read the weights of a torch module without pickle."""

import io
from collections.abc import Callable, Iterator
from typing import Any

from ..errors import LoadError
from ..serialization.msgpack import dumps, loads
from .torch_arrays import import_torch

FORMAT = 1
CHUNK = 2**31  # bytes; one msgpack bin holds less than 4 GiB


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


def pack_shim(config: dict, module: Any, state: bytes | None) -> bytes:
    """{"config", "format", "tensors"}, or {"config", "state"} for bytes of other origin."""
    values = named_state(module) if state is None else {}
    if state is None and not all(_is_plain(value) for value in values.values()):
        state = default_serialize_torch_model(module)
    if state is not None:
        return dumps({"config": config, "state": state})
    first = _first_names(values)
    tensors = [_pack(name, values[name]) for name in values if first[name] == name]
    return dumps({"config": config, "format": FORMAT, "tensors": tensors})


def unpack_shim(data: bytes) -> dict:
    """The message as a dict.  Raises LoadError."""
    message = loads(data)
    if not isinstance(message, dict) or not isinstance(message.get("config"), dict):
        raise LoadError("shim", "this is not a PyTorch shim")
    if isinstance(message.get("state"), bytes):
        return message
    if message.get("format") != FORMAT or not isinstance(message.get("tensors"), list):
        raise LoadError("shim", f"unknown format {message.get('format')!r}")
    return message


def stage_state(module: Any, message: dict) -> Callable[[], None]:
    """Check names, shapes and dtypes; the result sets the weights."""
    torch = import_torch()
    found = _load_zip(message["state"]) if "state" in message else _load(message)
    mine = named_state(module)
    first = _first_names({n: v for n, v in mine.items() if _is_plain(v)})
    covered = {first.get(name, name) for name in found}
    for name in mine:
        if first.get(name, name) not in covered:
            raise LoadError(f"tensors['{name}']", "the file has no such tensor")
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
    path = f"tensors['{name}']"
    if name not in mine:
        raise LoadError(path, "the module has no such tensor")
    old = mine[name]
    if not _is_plain(old):
        return
    if not _is_plain(value):
        raise LoadError(path, "this is not a tensor")
    if value.shape != old.shape:
        came, wanted = tuple(value.shape), tuple(old.shape)
        raise LoadError(path, f"shape {came} in the file, {wanted} in the module")
    if value.dtype != old.dtype:
        raise LoadError(path, f"{value.dtype} in the file, {old.dtype} in the module")


def _is_plain(value: Any) -> bool:
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


def _pack(name: str, value: Any) -> list:
    torch = import_torch()
    tensor = value.detach().cpu().contiguous().resolve_conj().resolve_neg()
    # The bits alone: NumPy lacks bfloat16 and float8.
    data = tensor.reshape(-1).view(torch.uint8).numpy().tobytes()
    bins = [data[i : i + CHUNK] for i in range(0, len(data), CHUNK)]
    dtype = str(tensor.dtype).removeprefix("torch.")
    return [name, dtype, list(tensor.shape), bins if len(bins) > 1 else data]


def _load(message: dict) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for i, row in enumerate(message["tensors"]):
        path = f"tensors[{i}]"
        if not isinstance(row, list) or len(row) != 4 or not isinstance(row[0], str):
            raise LoadError(path, "expected [name, dtype, shape, bytes]")
        if row[0] in found:
            raise LoadError(path, f"'{row[0]}' comes twice")
        found[row[0]] = _unpack(f"tensors['{row[0]}']", *row[1:])
    return found


def _unpack(path: str, dtype_name: Any, shape: Any, data: Any) -> Any:
    torch = import_torch()
    dtype = getattr(torch, dtype_name, None) if isinstance(dtype_name, str) else None
    if not isinstance(dtype, torch.dtype):
        raise LoadError(path, f"unknown dtype {dtype_name!r}")
    if not isinstance(shape, list) or not all(type(n) is int and n >= 0 for n in shape):
        raise LoadError(path, f"bad shape {shape!r}")
    parts = data if isinstance(data, list) else [data]
    if not all(isinstance(part, bytes) for part in parts):
        raise LoadError(path, "the values are not bytes")
    raw = bytearray().join(parts)
    size = dtype.itemsize
    for n in shape:
        size *= n
    if len(raw) != size:
        raise LoadError(path, f"{len(raw)} bytes for {size}")
    if not raw:
        return torch.empty(shape, dtype=dtype)
    return torch.frombuffer(raw, dtype=dtype).reshape(shape)


def _load_zip(state: bytes) -> dict[str, Any]:
    torch = import_torch()
    try:
        found = torch.load(io.BytesIO(state), map_location="cpu", weights_only=True)
    except Exception as error:
        raise LoadError("state", f"torch can't read it: {error}") from error
    if not isinstance(found, dict) or not all(isinstance(n, str) for n in found):
        raise LoadError("state", "this is not a state dict")
    return {name.replace("_orig_mod.", ""): value for name, value in found.items()}
