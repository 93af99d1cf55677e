"""A framework that is absent or broken is told with what installs it."""

import re
import sys
from pathlib import Path

import pytest

from thinc._optional import _INSTALLERS, _find, load, missing_message, require
from thinc.api import prefer_gpu
from thinc.errors import MissingFrameworkError
from thinc.util import assert_mxnet_installed, assert_pytorch_installed, assert_tensorflow_installed

PROJECT = (Path(__file__).parents[2] / "pyproject.toml").read_text("utf8")


@pytest.fixture
def forgotten():
    """What was found and loaded before is looked for again."""
    load.cache_clear(), _find.cache_clear()
    yield
    load.cache_clear(), _find.cache_clear()


def test_the_extras_of_all_messages_exist():
    extras = re.search(r"\[project\.optional-dependencies\]\n(.*?)\n\n", PROJECT, re.DOTALL)[1]
    there = set(re.findall(r"^(\w+) =", extras, re.MULTILINE))
    named = {extra for text in _INSTALLERS.values() for extra in re.findall(r"thinc\[(\w+)\]", text)}
    assert named <= there and {"torch", "tensorflow", "jax", "cuda12x"} <= named


def test_a_message_says_what_to_install():
    assert missing_message("torch") == "This needs torch, which can't be imported: pip install 'thinc[torch]'."
    assert missing_message("some_module").endswith("pip install some_module.")
    assert "mxnet==1.9.1" in missing_message("mxnet") and "enable_mxnet() first" in missing_message("mxnet")


@pytest.mark.parametrize(
    "name, ask",
    [
        ("torch", assert_pytorch_installed),
        ("tensorflow", assert_tensorflow_installed),
        ("mxnet", assert_mxnet_installed),
    ],
)
def test_an_absent_framework_is_an_import_error(name, ask, monkeypatch, forgotten):
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingFrameworkError, match=f"needs {name}"):
        ask()


def test_an_installed_framework_passes(forgotten):
    pytest.importorskip("torch", reason="torch is not installed")
    assert_pytorch_installed()


def test_a_framework_that_breaks_while_it_is_imported_counts_as_absent(tmp_path, monkeypatch, forgotten):
    (tmp_path / "cupy.py").write_text("raise RuntimeError('the driver is too old')", "utf8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "cupy", raising=False)
    assert load("cupy") is None and prefer_gpu() is False
    with pytest.raises(ImportError, match=r"thinc\[cuda12x\]"):
        require("cupy")
