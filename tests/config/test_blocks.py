"""Blocks of a config become objects, also in lists; errors name the section and the key."""

import catalogue
import pytest

from thinc.api import Config, ConfigValidationError, registry


def error_of(config, **options):
    with pytest.raises(ConfigValidationError) as caught:
        registry.resolve(config, **options)
    return str(caught.value)


@pytest.mark.parametrize(
    "block,cause",
    [
        ({"@layers": "Linear.v1", "nO": "two"}, "training.model -> nO"),
        ({"@layers": "Linear.v1", "nOO": 2}, "training.model -> nOO"),
        ({"@layers": "chain.v1", "*": {"a": {"@layers": "Relu.v1", "nO": 1.5}}}, "training.model.*.a -> nO"),
        ({"@layers": "Linar.v1"}, "training.model -> @layers"),
        ({"@layerz": "Linear.v1"}, "training.model -> @layerz"),
        ([{"@layers": "Linar.v1"}], "training.model.0 -> @layers"),
        ([{"@layers": "Linear.v1", "nO": "two"}], "training.model.0 -> nO"),
    ],
)
def test_errors_name_the_section_and_the_key(block, cause):
    assert cause in error_of({"training": {"model": block}})


def test_a_wrong_name_is_answered_with_near_ones():
    assert "did you mean 'Linear.v1'" in error_of({"model": {"@layers": "Linar.v1"}})
    assert "did you mean 'layers'" in error_of({"model": {"@layerz": "Linear.v1"}})


def test_a_wrong_name_is_a_registry_error_too():
    with pytest.raises(catalogue.RegistryError):
        registry.resolve({"model": {"@layers": "Linar.v1"}})


def test_fill_leaves_unknown_functions_alone():
    assert registry.fill({"model": {"@layers": "Linar.v1", "nO": 2}}) == {"model": {"@layers": "Linar.v1", "nO": 2}}


def test_blocks_in_lists_are_resolved_and_filled():
    config = {"model": {"@layers": "chain.v1", "*": [{"@layers": "Relu.v1", "nO": 4}, {"@layers": "Linear.v1"}]}}

    assert registry.resolve(config)["model"].name == "relu>>linear"
    assert registry.fill(config)["model"]["*"][0]["normalize"] is False
    assert config["model"]["*"][0] == {"@layers": "Relu.v1", "nO": 4}


def test_positional_order_is_kept():
    sections = {"z": {"@layers": "Linear.v1"}, "a": {"@layers": "Relu.v1"}}

    assert registry.resolve({"m": {"@layers": "chain.v1", "*": sections}})["m"].name == "linear>>relu"


@pytest.mark.parametrize("text", ['"a$$b"', '"$$${a.y}"', "$$${a.y} and 5$$", '["$$", "${a.y}"]'])
def test_dollars_survive_any_number_of_round_trips(text):
    config = Config().from_str(f"[a]\ny = 3\n\n[b]\nx = {text}", interpolate=False)
    again = config
    for _ in range(3):
        again = Config().from_str(again.to_str(), interpolate=False)

    assert again == config
    assert again.interpolate() == Config().from_str(f"[a]\ny = 3\n\n[b]\nx = {text}")


def test_a_lone_dollar_beside_a_variable_can_be_written():
    text = Config({"a": {"b": 2, "x": "5$ and ${a.b}"}}).to_str()

    assert Config().from_str(text)["a"]["x"] == "5$ and 2"
