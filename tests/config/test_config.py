"""Configs and registries of thinc."""

import inspect
from typing import Generic, TypeVar

import catalogue
import numpy as np
import pytest

import thinc
from thinc.config import VARIABLE_RE, Config, ConfigValidationError, Promise, registry
from thinc.types import Floats2d, Floats3d

TEXT = "[a]\nb = 1\n\n[c]\nx = ${a.b}\n"


class tests_registry(registry):
    cats = catalogue.create("thinc", "tests", "cats", entry_points=False)


@tests_registry.cats("array.v1")
def array(X: Floats2d, Y: Floats3d | None = None, names: list[str] = []):
    return X


@tests_registry.cats("many.v1")
def many(*cats: int, extra: int = 3):
    return cats, extra


def test_text_with_variables_is_read():
    config = Config()
    assert config.from_str(TEXT) is config and config == {"a": {"b": 1}, "c": {"x": 1}}
    assert VARIABLE_RE.search("${a.b}") and config.is_interpolated


def test_path_on_one_line_is_read_as_the_file(tmp_path):
    path = tmp_path / "config.cfg"
    path.write_text(TEXT)
    assert Config().from_str(str(path))["c"]["x"] == 1
    with pytest.raises(ConfigValidationError):
        Config().from_str(str(tmp_path / "absent.cfg"))


def test_overrides_update_self_and_reach_variables():
    config = Config()
    assert config.from_str(TEXT, overrides={"a.b": 9}) is config
    assert config == {"a": {"b": 9}, "c": {"x": 9}} and config.is_interpolated


def test_overrides_without_interpolation_keep_variables():
    config = Config().from_str(TEXT, overrides={"a.b": 9}, interpolate=False)
    assert config["c"]["x"] == "${a.b}" and not config.is_interpolated
    assert config.interpolate()["c"]["x"] == 9


@pytest.mark.parametrize("text", ["[a]\nx = ${a.y}\ny = ${a.x}\n", "[a]\nx = 5$\n"])
def test_broken_variables_are_config_errors(text):
    with pytest.raises(ConfigValidationError):
        Config().from_str(text)


def test_bytes_and_files_round_trip(tmp_path):
    config = Config({"a": {"b": [1, "x", None], "c": {"d": "é"}}})
    config.to_disk(tmp_path / "c.cfg")
    assert Config().from_disk(tmp_path / "c.cfg") == Config().from_bytes(config.to_bytes()) == config


def test_registries_exist():
    for name in ("optimizers", "schedules", "layers", "losses", "initializers", "datasets", "ops"):
        assert getattr(registry, name).namespace == ("thinc", name)
    assert thinc.registry is registry and inspect.isclass(Promise)


def test_created_registry_is_an_attribute():
    registry.create("made_by_a_test")
    try:
        assert registry.made_by_a_test.namespace == ("thinc", "made_by_a_test")
        with pytest.raises(ValueError):
            registry.create("made_by_a_test")
    finally:
        del registry.made_by_a_test


def test_array_annotations_are_checked():
    good = np.zeros((1, 2), dtype="f")
    resolve = lambda **args: tests_registry.resolve({"x": {"@cats": "array.v1", **args}})["x"]  # noqa: E731
    assert resolve(X=good) is good and resolve(X=good, Y=np.zeros((1, 1, 1), dtype="f")) is good
    for wrong in ({"X": np.zeros(2, dtype="f")}, {"X": good, "Y": good}, {"X": "text"}, {}):
        with pytest.raises(ConfigValidationError):
            resolve(**wrong)


T1, T2 = TypeVar("T1"), TypeVar("T2")


class Thing(Generic[T1, T2]):
    pass


def test_generic_annotations_are_checked_by_their_class():
    @tests_registry.cats("thing.v1")
    def thing(model: Thing[int, int], other: Thing[int, int] | None = None):
        return model

    model = Thing()
    assert tests_registry.resolve({"x": {"@cats": "thing.v1", "model": model}})["x"] is model
    with pytest.raises(ConfigValidationError):
        tests_registry.resolve({"x": {"@cats": "thing.v1", "model": 1}})


def test_variadic_arguments_may_be_absent():
    assert tests_registry.resolve({"x": {"@cats": "many.v1"}})["x"] == ((), 3)
    assert tests_registry.resolve({"x": {"@cats": "many.v1", "*": [1, 2]}})["x"] == ((1, 2), 3)
    assert tests_registry.fill({"x": {"@cats": "many.v1"}}) == {"x": {"@cats": "many.v1", "extra": 3}}


def laughs(levels):
    lines = [f'x{i} = "' + f"${{a.x{i - 1}}}" * 10 + '"\n' for i in range(1, levels)]
    return '[a]\nx0 = "ha"\n' + "".join(lines)


def sections(levels):
    blocks = [f"[s{i}]\n" + "".join(f"k{j} = ${{s{i - 1}}}\n" for j in range(10)) for i in range(1, levels)]
    return "[s0]\nx = 1\n" + "".join(blocks)


@pytest.mark.parametrize(
    "text", [laughs(9), laughs(40), sections(12), "[a]\nb = ${a.b}\n", "[a]\nb = ${a.c}\nc = ${a.b}\n"]
)
def test_a_small_text_cannot_grow_without_bound(text):
    with pytest.raises(ConfigValidationError):
        Config().from_str(text)


def test_what_stays_small_is_filled_in():
    assert Config().from_str(laughs(3))["a"]["x2"].count("ha") == 100
    assert Config().from_str(sections(3))["s2"]["k9"]["k0"] == {"x": 1}


@pytest.mark.parametrize(
    "block", ['@layers = "os.system"', '@optimizers = "Linear.v1"', '@layers = ["a"]', "@layers = null"]
)
def test_only_registered_functions_are_named(block):
    with pytest.raises(ConfigValidationError):
        registry.resolve(Config().from_str(f"[m]\n{block}\n"))
