"""What keeps the type checker honest: no silent ignores, and each import is what it seems."""

import ast
import re
import sys
from pathlib import Path

import pytest

import thinc

ROOT = Path(thinc.__file__).parent
STUBS = {path.stem for path in (Path(__file__).parents[1] / "typing" / "stubs").glob("*.pyi")}
FILES = sorted(ROOT.rglob("*.py"))
FRAMEWORKS = {"cupy", "equinox", "flax", "jax", "keras", "mxnet", "tensorflow", "torch"}


def third_parties(path):
    for node in ast.walk(ast.parse(path.read_text("utf8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_neighbour_is_taken_for_a_third_party(path):
    """Pyright takes a file beside the importing one for a module that is not installed."""
    neighbours = {each.stem for each in path.parent.iterdir() if each.suffix == ".py" or each.is_dir()}

    # `thinc.mypy` is a published name, and imports submodules of mypy only, which are not beside it.
    assert not set(third_parties(path)) & neighbours - STUBS - sys.stdlib_module_names - {"mypy"}


def test_frameworks_alone_have_stubs():
    assert STUBS == FRAMEWORKS


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_an_ignore_names_its_rule_and_its_reason(path):
    for line in path.read_text("utf8").splitlines():
        assert "type: ignore" not in line
        if "pyright:" in line:
            assert re.search(r"  # pyright: ignore\[\w+\]  \S", line), line


def test_type_checkers_are_told_that_there_are_types():
    assert (ROOT / "py.typed").is_file()
