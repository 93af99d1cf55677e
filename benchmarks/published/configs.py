"""Cases of configs and of the registries that they name."""

# ruff: noqa: B023 (each function is called before its loop goes on)

from thinc.api import Config, registry

from .recording import record

TEXT = """[a]
x = 1
y = "two"
z = [1, 2.5, "q"]
t = True
n = null
plain = hello

[b]
@layers = "Linear.v1"
nO = ${a.x}
init = {"k": ${a.z}}
both = "v ${a.x} and ${a.y}"
whole = ${a}

[b.sub]
price = "5$$"
deep = ${a:y}
"""


def run():
    configs()
    blocks()


def configs():
    for interpolate in (True, False):
        config = Config().from_str(TEXT, interpolate=interpolate)
        record(f"Config({interpolate})", lambda: config)
        if interpolate:
            record(f"Config.to_str({interpolate})", config.to_str)
    record("Config.interpolate", lambda: Config().from_str(TEXT, interpolate=False).interpolate())
    updates = {"a": {"x": 5, "new": 1}, "b": {"@layers": "Relu.v1", "nI": 2}, "c": {"d": 1}}
    for remove in (True, False):
        record(f"Config.merge({remove})", lambda: Config().from_str(TEXT).merge(updates, remove_extra=remove))
    record("Config, overrides", lambda: Config().from_str(TEXT, overrides={"a.x": 9, "b.sub.deep": "${a.x}"}))
    for name, text in {
        "no section": "x = 1", "parent": "[a.b]\nx = 1", "reference": "[a]\nx = ${b.c}", "duplicate": "[a]\nx = 1\nx = 2",
        "section twice": "[a]\n[a]", "collision": "[a]\nb = 1\n[a.b]\nc = 2", "circle": "[a]\nx = ${a.y}\ny = ${a.x}",
    }.items():  # fmt: skip
        record(f"mistake: config {name}", lambda: Config().from_str(text))
    for value in (1, 1.5, "1", "a b", "${a.b}", None, True, [1, "x"], {"k": {"m": 1}}, "é\n", "", {}):
        record(f"Config of {value!r}", lambda: Config({"a": {"v": value}}).to_str())
        record(f"Config of {value!r}, read", lambda: Config().from_str(Config({"a": {"v": value, "b": 3}}).to_str()))


@registry.layers("compared.v1")
def compared(a: int, b: float = 0.5, c: str = "x", d: bool = True, e: list[int] = [1], *, f: "str | None" = None):  # noqa: B006
    return (a, b, c, d, e, f)


def blocks():
    good = (
        {"a": 1},
        {"a": 1, "b": 2},
        {"a": "7"},
        {"a": 1, "b": "0.5"},
        {"a": 1, "e": [1, 2], "f": "y"},
        {"a": 1, "d": False},
    )
    bad = (
        {},
        {"a": 1.5},
        {"a": True},
        {"a": 1, "c": 3},
        {"a": 1, "d": 1},
        {"a": 1, "e": (1,)},
        {"a": 1, "z": 2},
        {"a": None},
        {"a": 1, "b": "q"},
    )
    for arguments in good:
        block = {"x": {"@layers": "compared.v1", **arguments}}
        record(f"resolve({arguments})", lambda: registry.resolve(block))
        record(f"fill({arguments})", lambda: registry.fill(block))
    for arguments in bad:
        record(
            f"mistake: resolve({arguments})", lambda: registry.resolve({"x": {"@layers": "compared.v1", **arguments}})
        )
        record(f"mistake: fill({arguments})", lambda: registry.fill({"x": {"@layers": "compared.v1", **arguments}}))
    inner = {"relu": {"@layers": "Relu.v1", "nO": 3, "nI": 2}, "a": {"@layers": "Linear.v1", "nO": 2}}
    record("resolve(chain)", lambda: registry.resolve({"m": {"@layers": "chain.v1", "*": inner}})["m"])
    record(
        "resolve(overrides)", lambda: registry.resolve({"x": {"@layers": "compared.v1", "a": 1}}, overrides={"x.a": 5})
    )
    for kind in ("layers", "losses", "optimizers", "schedules", "initializers", "ops", "datasets"):
        names = sorted(getattr(registry, kind).get_all())
        for name in names:
            record(f"registered: {kind} {name}", lambda: registry.has(kind, name))
    record("registry.is_promise", lambda: [registry.is_promise(v) for v in ({"@a": 1}, {"a": 1}, 3, {})])
    record("registry.parse_args", lambda: registry.parse_args({"@a": "b", "x": 1, "*": {"p": 2, "q": 3}}))
    record("registry.get_constructor", lambda: registry.get_constructor({"@layers": "b", "x": 1}))
    record("mistake: two functions", lambda: registry.get_constructor({"@layers": "b", "@ops": "x"}))
    record("mistake: unknown function", lambda: registry.resolve({"m": {"@layers": "nothing.v1"}}))
    record("mistake: unknown registry", lambda: registry.get("nothing", "x"))
    record("mistake: top-level block", lambda: registry.resolve({"@layers": "noop.v1"}))
