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


def test_blocks_in_sections_in_lists_are_resolved_and_filled():
    block = {"@schedules": "constant.v1", "rate": 0.5}
    config = {"run": {"items": [{"first": block, "more": [{"x": block}]}, {"plain": 1}]}}
    first, plain = registry.resolve(config)["run"]["items"]
    assert first["first"](0) == first["more"][0]["x"](0) == 0.5 and plain == {"plain": 1}
    assert registry.fill(config)["run"]["items"][0]["first"] == block


@pytest.mark.parametrize(
    "overrides",
    [
        {"run.rates": [{"@schedules": "constant.v1", "rate": 0.5}]},
        {"run": {"rates": [{"@schedules": "constant.v1", "rate": 0.5}]}},
    ],
)
def test_overrides_come_before_blocks_in_lists(overrides):
    config = {"run": {"rates": [{"@schedules": "gone.v1"}]}}
    assert registry.resolve(config, overrides=overrides)["run"]["rates"][0](0) == 0.5
    assert registry.fill(config, overrides=overrides)["run"]["rates"][0]["rate"] == 0.5
    assert config == {"run": {"rates": [{"@schedules": "gone.v1"}]}}


def test_an_override_may_name_another_function():
    config = {"rate": {"@schedules": "gone.v1", "rate": 0.5}}
    assert registry.resolve(config, overrides={"rate.@schedules": "constant.v1"})["rate"](0) == 0.5


@pytest.mark.parametrize("act", [registry.resolve, registry.fill])
@pytest.mark.parametrize("key", ["rate.new", "rate.rate.deeper", "new", "rate.rate.0"])
def test_an_override_of_nothing_is_refused(act, key):
    with pytest.raises(ConfigValidationError, match="overrid"):
        act({"rate": {"@schedules": "constant.v1", "rate": 0.5}}, overrides={key: 1})


def nested(depth):
    config = {"x": 1}
    for _ in range(depth):
        config = {"a": config}
    return config


@pytest.mark.parametrize("call", [registry.resolve, registry.fill])
@pytest.mark.parametrize(
    "config,text",
    [
        (None, "a dict of sections, but NoneType came"),
        ([1], "a dict of sections, but list came"),
        ({"training": {"model": {"@layers": "Linear.v1", 3: 4}}}, "training.model -> 3\ta key of a block"),
        ({"training": [{"@layers": "Linear.v1", None: 4}]}, "training.0 -> None\ta key of a block"),
        (nested(3000), "a.a.a.a -> a\tsections and lists lie more than 200 deep"),
        ({"a": {"b": nested(300)}}, "a.b.a.a -> a\tsections and lists lie more than 200 deep"),
    ],
)
def test_what_is_no_config_is_refused_with_section_and_key(call, config, text):
    with pytest.raises(ConfigValidationError) as caught:
        call(config)
    assert text in str(caught.value)


def test_a_dict_without_a_function_may_have_any_keys():
    assert registry.resolve({"labels": {1: "one", 2: "two"}}) == {"labels": {1: "one", 2: "two"}}


def test_deep_sections_are_refused_wherever_a_config_is_made():
    text = "\n".join(f"[{'.'.join('a' * n)}]" for n in range(1, 300))
    for make in (lambda: Config(nested(3000)), lambda: Config().from_str(text)):
        with pytest.raises(ConfigValidationError, match="more than 200 deep"):
            make()
    assert Config().from_str("\n".join(f"[{'.'.join('a' * n)}]" for n in range(1, 100)))


def test_overrides_are_named_by_text():
    for call in (
        lambda: registry.resolve({"a": {"b": 1}}, overrides={3: 1}),
        lambda: Config().from_str("", overrides={3: 1}),
    ):
        with pytest.raises(ConfigValidationError, match="named by its section and key"):
            call()


def test_only_text_is_read():
    with pytest.raises(ConfigValidationError, match="a text is needed, but <class 'NoneType'> came"):
        Config().from_str(None)


@pytest.mark.parametrize("value", [5, 0.5, None, True, "text", [1, 2], {"b": 1}])
def test_an_override_may_be_of_any_kind(value):
    assert registry.resolve({"x": {"a": 1}}, overrides={"x.a": value}) == {"x": {"a": value}}
    assert registry.fill({"x": {"a": 1}}, overrides={"x.a": value}) == {"x": {"a": value}}
