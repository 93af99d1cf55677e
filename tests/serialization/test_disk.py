"""A file holds the old model or the new one, wherever it lies."""

import os
import threading

import numpy
import pytest

from thinc.api import Linear, PyTorchWrapper
from thinc.errors import LoadError
from thinc.serialization import write_path


class Place:
    """Not a path, but it can be opened, as places in archives and in clouds can."""

    def __init__(self, path):
        self.path = path

    def open(self, mode):
        return open(self.path, mode)


def make_model(value=1.0):
    return Linear(2, 3, init_W=lambda ops, shape: ops.alloc(shape) + value).initialize()


@pytest.mark.parametrize("name", ["model", "m" * 250], ids=["short", "too long for a draft beside it"])
def test_a_model_comes_back_and_leaves_nothing_else(tmp_path, name):
    path = tmp_path / name
    for value in (1.0, 2.0):
        make_model(value).to_disk(path)
        assert make_model(0.0).from_disk(path).get_param("W")[0, 0] == value
        assert make_model(0.0).can_from_disk(path) and os.listdir(tmp_path) == [name]


def test_places_that_can_be_opened_are_written_and_read(tmp_path):
    place = Place(tmp_path / "model")
    make_model(2.0).to_disk(place)
    assert make_model(0.0).from_disk(place).get_param("W")[0, 0] == 2.0
    assert make_model(0.0).can_from_disk(place)


def test_shims_are_written_and_read_alone(tmp_path):
    import torch

    one, two = (PyTorchWrapper(torch.nn.Linear(2, 2)).shims[0] for _ in range(2))
    one.to_disk(tmp_path / "shim")
    two.from_disk(tmp_path / "shim")
    assert one.to_bytes() == two.to_bytes()


def test_a_pipe_gets_the_bytes_and_stays_a_pipe(tmp_path):
    path, seen = tmp_path / "pipe", []
    os.mkfifo(path)
    reader = threading.Thread(target=lambda: seen.append(path.read_bytes()))
    reader.start()
    make_model().to_disk(path)
    reader.join()
    assert seen == [make_model().to_bytes()] and path.is_fifo()


def test_the_old_file_and_its_mode_outlive_a_failed_write(tmp_path):
    path = tmp_path / "model"
    make_model().to_disk(path)
    path.chmod(0o640)
    before = path.read_bytes()
    with pytest.raises(TypeError):
        write_path(path, "text")
    assert path.read_bytes() == before and os.listdir(tmp_path) == ["model"]
    make_model(2.0).to_disk(path)
    assert path.read_bytes() != before and path.stat().st_mode & 0o777 == 0o640


def test_a_missing_folder_is_named(tmp_path):
    path = tmp_path / "none" / "model"
    with pytest.raises(FileNotFoundError) as caught:
        make_model().to_disk(path)
    assert caught.value.filename == str(path)
    assert not make_model().can_from_disk(path) and not make_model().can_from_disk(tmp_path)


def test_a_folder_is_refused_where_the_system_calls_that_a_lack_of_permission(tmp_path, monkeypatch):
    def refuse(path, flags):
        raise PermissionError(13, "Permission denied", os.fspath(path))

    monkeypatch.setattr(os, "open", refuse)  # as Windows does
    with pytest.raises(LoadError, match="this is a directory, not a file"):
        make_model().from_disk(tmp_path)
    with pytest.raises(PermissionError):
        make_model().from_disk(__file__)


def test_broken_bytes_on_disk_can_not_be_loaded(tmp_path):
    path = tmp_path / "model"
    path.write_bytes(b"\xc1")
    assert not make_model().can_from_disk(path)
    numpy.save(tmp_path / "array.npy", numpy.zeros(3))
    assert not make_model().can_from_disk(tmp_path / "array.npy")
