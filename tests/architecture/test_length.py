"""Files and functions stay short, and each file says at its top what it is for."""

import ast
from pathlib import Path

import pytest

import thinc

PACKAGE, TESTS = Path(thinc.__file__).parent, Path(__file__).parents[1]
PYTHON = sorted([*PACKAGE.rglob("*.py"), *TESTS.rglob("*.py")])
# What Cython makes of the .pyx files lies beside them after a build in place.
COMPILED = sorted(path for kind in ("pyx", "pxd", "pxi", "hh", "cu") for path in PACKAGE.rglob(f"*.{kind}"))


def place(path):
    return "/".join(path.parts[-3:])


def length(function):
    """Its lines without the docstring, which may explain as much as it has to."""
    whole = function.end_lineno - function.lineno + 1
    if ast.get_docstring(function) is None:
        return whole
    return whole - (function.body[0].end_lineno - function.body[0].lineno + 1)


@pytest.mark.parametrize("path", [*PYTHON, *COMPILED], ids=place)
def test_no_file_has_more_than_300_lines(path):
    assert len(path.read_text("utf8").splitlines()) <= 300


@pytest.mark.parametrize("path", PYTHON, ids=place)
def test_no_function_has_more_than_40_lines(path):
    tree = ast.parse(path.read_text("utf8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]

    assert {each.name: length(each) for each in functions if length(each) > 40} == {}


@pytest.mark.parametrize("path", PYTHON, ids=place)
def test_a_file_begins_with_a_sentence_about_it(path):
    text = ast.get_docstring(ast.parse(path.read_text("utf8"))) or ""

    assert text.partition("\n")[0].endswith(".")


def test_the_docstring_alone_does_not_count():
    short, long = ast.parse(
        'def f():\n    """One.\n\n    Two.\n    """\n    return 1\n\n\ndef g():\n    return 1\n'
    ).body

    assert length(short) == length(long) == 2
