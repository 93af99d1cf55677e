"""A config beyond all measure is refused before it is read; a damaged one is a ConfigValidationError."""

import configparser
import random

import catalogue
import pytest

from thinc import _config_limits
from thinc.api import Config, ConfigValidationError, registry


def keys(count):
    return "[a]\n" + "".join(f"k{i} = {i}\n" for i in range(count))


def sections(count):
    return "[a]\n" + "".join(f"[a.s{i}]\n" for i in range(count))


def laughs(levels, indent="", sign="${a.%s}"):
    lines = [f"{indent}x{i} = " + (sign % f"x{i - 1}") * 10 + "\n" for i in range(1, levels)]
    return f"[a]\n{indent}x0 = ha\n" + "".join(lines)


def doubled(levels):
    """Each section is that before it, twice: 2**levels keys when it is written out."""
    return "[s0]\nx = 1\n" + "".join(f"[s{i}]\na = ${{s{i - 1}}}\nb = ${{s{i - 1}}}\n" for i in range(1, levels))


def beside(count):
    """A chain of as many values, each next to a section of as many values."""
    links = "".join(f"x{i} = ${{a}}${{b.x{i + 1}}}\n" for i in range(count))
    return f"{keys(count)}[b]\n{links}x{count} = 1\n"


BEYOND = {
    "10**6 keys": (keys(10**6), "characters"),
    "more keys than the limit": (keys(_config_limits.MAX_KEYS + 1), "keys"),
    "more sections than the limit": (sections(_config_limits.MAX_SECTIONS), "sections"),
    "a long text": ("[a]\nx = " + "1" * _config_limits.MAX_CHARACTERS, "characters"),
    "deep sections": ("[a]\n[a" + ".*" * 10_000 + "]\n", "deep"),
    "laughs": (laughs(40), "filled in"),
    "laughs with a blank before each key": (laughs(40, " "), "filled in"),
    "laughs with short names": (laughs(40, sign="${%s}"), "filled in"),
    "laughs with colons": (laughs(40, sign="${a:%s}"), "filled in"),
    "sections that double": (doubled(40), "filled in"),
    "the same section copied for each key": (keys(5000) + "".join(f"x{i} = ${{a.z}}\n" for i in range(5000)) + "z = $$",
                                             "filled in"),
    "a section next to each value of a chain": (beside(10_000), "filled in"),
    "variables that are not closed": ("[a]\nx = " + "${" * 10**6, "filled in"),
    "a value of dollars": ("[a]\nx = " + "$$" * 10**6, "filled in"),
    "a section in itself": ("[a]\nx = ${a}\n", "deep"),
    "a section in what is in it": ("[a]\n[a.b]\nx = ${a}\n", "deep"),
    "values for every section": ("[DEFAULT]\n" + keys(5000)[4:] + sections(2000), "without a top-level section"),
    "deep lists": ("[a]\nx = " + "[" * 400 + "]" * 400, "deep"),
}  # fmt: skip


@pytest.mark.parametrize("name", BEYOND)
def test_a_text_beyond_the_limits_is_refused(name):
    text, reason = BEYOND[name]
    with pytest.raises(ConfigValidationError, match=reason):
        Config().from_str(text)


def test_the_limits_are_met_exactly(monkeypatch):
    monkeypatch.setattr(_config_limits, "SMALL", 0)
    monkeypatch.setattr(_config_limits, "MAX_KEYS", 20)
    monkeypatch.setattr(_config_limits, "MAX_SECTIONS", 20)
    assert len(Config().from_str(keys(20))["a"]) == 20
    assert len(Config().from_str(sections(19))["a"]) == 19
    for text in (keys(21), sections(20)):
        with pytest.raises(ConfigValidationError):
            Config().from_str(text)


def test_variables_that_are_not_filled_in_do_not_count():
    assert Config().from_str(laughs(40), interpolate=False)["a"]["x1"] == "${a.x0}" * 10


@pytest.mark.parametrize("act", [registry.resolve, registry.fill])
def test_dicts_in_themselves_are_refused(act):
    config = {"a": {"x": 1}}
    config["a"]["again"] = [config]
    with pytest.raises(ConfigValidationError, match="deep"):
        act(config)


@pytest.mark.parametrize(
    "text, published, place",
    [
        ("[a]\n[a]\n", configparser.DuplicateSectionError, {"section": "a", "lineno": 2}),
        ("[a]\nx = 1\nx = 2\n", configparser.DuplicateOptionError, {"section": "a", "option": "x", "lineno": 3}),
    ],
)
def test_what_comes_twice_is_the_published_error_too(text, published, place):
    with pytest.raises(ConfigValidationError, match="already exists") as caught:
        Config().from_str(text)
    assert isinstance(caught.value, published) and "already exists" in repr(caught.value)
    assert place.items() <= vars(caught.value).items()


WHOLE = """[a]
x = 1
y = ${a.x}
z = "${a:x} b $$"
w = ${q}

[q]
l = [1, {"@schedules": "constant.v1", "rate": ${a.x}}, [true]]

[model]
@layers = "chain.v1"

[model.*.one]
@layers = "Relu.v1"
nO = 4

[model.*.two]
@layers = "Linear.v1"
"""
PIECES = [
    "",
    "[",
    "]",
    "{",
    "}",
    "$",
    '"',
    "\n",
    "\t",
    " ",
    "=",
    ":",
    ".",
    "*",
    "@",
    "#",
    "%",
    "\0",
    "é",
    "'",
    "99" * 10,
]
PIECES += ["${a.x}", "${a.w}", "${w}", "${model}", "\n[a]\n", "\n[a.x]\n", '"@layers"']


@pytest.mark.filterwarnings("ignore:The value .* seems to be single-quoted:UserWarning")
def test_mutated_texts_are_read_or_refused():
    choose, read = random.Random(0), 0
    for _ in range(600):
        text = WHOLE
        for _ in range(choose.randrange(1, 4)):
            at, size = choose.randrange(len(text)), choose.choice((1, 1, 2, 5, 20))
            text = text[:at] + choose.choice(PIECES) + text[at + size :]
        try:
            config = Config().from_str(text)
            registry.fill(config)
            Config().from_str(config.to_str())
        except ConfigValidationError:
            continue
        read += 1
    assert 0 < read < 600


def test_entry_points_are_selected_anew_when_there_are_others(monkeypatch):
    class Point:
        name, group = "brought_in.v1", "thinc_layers"

        def load(self):
            return len

    assert "brought_in.v1" not in registry.layers
    monkeypatch.setattr(catalogue, "AVAILABLE_ENTRY_POINTS", {"thinc_layers": [Point()]})
    assert registry.layers.get("brought_in.v1") is len
    assert registry.resolve({"x": {"@layers": "brought_in.v1", "*": ["abc"]}}, validate=False)["x"] == 3
    monkeypatch.undo()
    assert "brought_in.v1" not in registry.layers
