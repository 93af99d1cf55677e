"""A client of our compiled interface, compiled for the tests."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import thinc

BUILD = """
from Cython.Build import cythonize
from setuptools import setup
setup(ext_modules=cythonize("consumer.pyx", include_path=[{!r}]))
"""


@pytest.fixture(scope="session")
def client(tmp_path_factory):
    """consumer.pyx, compiled as spaCy is: against the .pxd files of the installed package."""
    pytest.importorskip("Cython", reason="no Cython to compile a client with")
    if not any(map(shutil.which, ("c++", "g++", "clang++"))):
        pytest.skip("no C++ compiler to compile a client with")
    folder = tmp_path_factory.mktemp("client")
    shutil.copy(Path(__file__).with_name("consumer.pyx"), folder)
    package = str(Path(thinc.__file__).parents[1])
    command = [sys.executable, "-c", BUILD.format(package), "build_ext", "--inplace"]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    (library,) = [path for path in folder.iterdir() if path.suffix in (".so", ".pyd")]
    spec = importlib.util.spec_from_file_location("consumer", library)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
