"""Write and read the weights of a torch module without pickle."""

import io
import re
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
    state = load_zip(state_bytes, device)
    model.load_state_dict(state)
    model.to(device)
    return model


def named_state(module: Any) -> dict[str, Any]:
    """Parameters and buffers; `torch.compile` leaves no trace in the names."""
    if module is None:
        return {}
    return _plain_names(module.state_dict())


def _plain_names(state: dict[str, Any]) -> dict[str, Any]:
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
    found, mine = _plain_names(load_zip(data, "cpu")), named_state(module)
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


def load_zip(data: bytes, device: Any) -> dict[str, Any]:
    """The state dict that `torch.save` wrote; nothing in it is run."""
    torch = import_torch()
    if _version(torch) < (2, 10):
        # CVE-2025-32434 runs code, CVE-2026-24747 corrupts memory, both with weights_only=True.
        raise LoadError("state", f"torch {torch.__version__} can't read it safely. pip install 'torch>=2.10'")
    _refuse_compressed(data)
    try:
        found = torch.load(io.BytesIO(data), map_location=device, weights_only=True)
    except Exception as error:
        raise LoadError("state", f"torch can't read it: {error!s:.200}") from error
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found):
        raise LoadError("state", "this is not a state dict")
    return found


def _version(torch: Any) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", torch.__version__)[:2])


def _refuse_compressed(data: bytes) -> None:
    """torch.save compresses nothing; 40 GB of zeros would fit into a small file that does."""
    if not data.startswith(b"PK"):
        return
    import zipfile  # only who reads an old file pays for it

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            packed = [entry.filename for entry in archive.infolist() if entry.compress_type != zipfile.ZIP_STORED]
            size = sum(entry.file_size for entry in archive.infolist())
    except Exception as error:  # a damaged archive raises many types
        raise LoadError("state", f"this is not a zip archive: {error!s:.200}") from error
    if packed or size > len(data):
        raise LoadError("state", f"{size} bytes in an archive of {len(data)}, compressed: {packed!r:.80}")
