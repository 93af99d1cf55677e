"""Configs at their edges: schemas, files, defaults of whole blocks, functions without a signature."""

from functools import partial

import catalogue
import pytest

from thinc._config_errors import SignatureError
from thinc.api import Config, registry
from thinc.config import ConfigValidationError


@pytest.fixture
def functions(monkeypatch):
    """A registry of its own for each test."""
    monkeypatch.setattr(registry, "things", catalogue.create("thinc_tests", "things"), raising=False)
    yield registry.things
    catalogue.REGISTRY.pop(("thinc_tests", "things"), None)


def test_a_file_is_read_by_its_name_and_long_text_is_no_name(tmp_path):
    path = tmp_path / "a.cfg"
    path.write_text("[a]\nb = 1\n", "utf8")
    assert Config().from_str(str(path)) == {"a": {"b": 1}}
    for text in ("x" * 10_000, "a\0b"):
        with pytest.raises(ConfigValidationError):
            Config().from_str(text)


def test_a_block_alone_is_filled(functions):
    @functions.register("pair.v1")
    def pair(*rest: int, a: int = 1):
        return (a, *rest)

    block = {"@things": "pair.v1"}
    assert registry.fill({"x": block}) == {"x": {"@things": "pair.v1", "a": 1}}
    assert registry.fill({"x": {**block, "*": [2, 3]}})["x"]["*"] == [2, 3]
    assert registry.resolve({"x": {**block, "*": {"0": 2}}})["x"] == (1, 2)


def test_variables_are_filled_in_before_blocks_are_made(functions):
    @functions.register("same.v1")
    def same(value: int):
        return value

    config = Config().from_str("[n]\nn = 3\n[x]\n@things = same.v1\nvalue = ${n.n}\n", interpolate=False)
    assert registry.resolve(config)["x"] == 3 and config["x"]["value"] == "${n.n}"


@pytest.mark.parametrize("turn", [registry.fill, registry.resolve])
@pytest.mark.parametrize("function", [max, partial(int, base=2), "no function"])
@pytest.mark.parametrize(
    "place,section",
    [(lambda block: {"x": {"y": block}}, "x.y"), (lambda block: {"x": {"y": [1, block]}}, "x.y.1")],
)
def test_what_does_not_say_which_arguments_it_takes_is_refused(functions, turn, function, place, section):
    functions.register("largest.v1", func=function)

    with pytest.raises(SignatureError) as caught:
        turn(place({"@things": "largest.v1", "*": [1, 2]}))

    assert isinstance(caught.value, ConfigValidationError)
    assert caught.value.errors[0]["loc"] == (section, "@things")
    assert "'largest.v1' in registry things" in str(caught.value)
    assert "register a function that calls it" in str(caught.value)


def test_a_variable_in_a_circle_is_refused():
    with pytest.raises(ConfigValidationError):
        Config().from_str("[a]\nb = ${a.c}\nc = ${a.b}\n")
