"""A mypy plugin that says which two layers of a combinator don't fit: `plugins = thinc.mypy`.

Rank and dtype errors are found without it. It acts on calls whose arguments are all models, of
`chain`, `add`, `concatenate` and of any function that is declared to return
`Model[InT, XY_YZ_OutT]` (layers one after the other) or `Model[InT, XY_XY_OutT]` (side by side).
"""

from collections.abc import Callable, Iterator
from typing import TypeGuard

from mypy.errorcodes import ErrorCode
from mypy.messages import format_type_bare
from mypy.nodes import CallExpr, Expression, RefExpr
from mypy.plugin import FunctionContext, Plugin
from mypy.subtypes import is_subtype
from mypy.types import CallableType, Instance, Type, TypeVarType, get_proper_type

MODEL = "thinc.model.model.Model"
IN_A_ROW = "XY_YZ_OutT"
SIDE_BY_SIDE = "XY_XY_OutT"
OURS = {
    "thinc.layers.chain.chain": IN_A_ROW,
    "thinc.layers.add.add": SIDE_BY_SIDE,
    "thinc.layers.concatenate.concatenate": SIDE_BY_SIDE,
}
INPUT = ErrorCode("layer-mismatch-input", "The input of a layer does not fit", "Thinc")
OUTPUT = ErrorCode("layer-mismatch-output", "The output of a layer does not fit", "Thinc")


def plugin(version: str) -> type[Plugin]:
    """What mypy asks for."""
    return ThincPlugin


class ThincPlugin(Plugin):
    def get_function_hook(self, fullname: str) -> Callable[[FunctionContext], Type] | None:
        def hook(ctx: FunctionContext) -> Type:
            return check_call(ctx, OURS.get(fullname) or declared_kind(ctx))

        return hook


def declared_kind(ctx: FunctionContext) -> str | None:
    """The marker in `-> Model[InT, marker]` of the called function, if there is one."""
    if not isinstance(ctx.context, CallExpr) or not isinstance(ctx.context.callee, RefExpr):
        return None
    function = get_proper_type(getattr(ctx.context.callee.node, "type", None))
    result = get_proper_type(function.ret_type) if isinstance(function, CallableType) else None
    if not _is_model(result):
        return None
    marker = get_proper_type(result.args[1])
    if isinstance(marker, TypeVarType) and marker.name in (IN_A_ROW, SIDE_BY_SIDE):
        return marker.name
    return None


def check_call(ctx: FunctionContext, kind: str | None) -> Type:
    """Report layers that don't fit; the type of the combination where it is known."""
    types = [layer for group in ctx.arg_types for layer in map(get_proper_type, group)]
    layers = [layer for layer in types if _is_model(layer)]
    nodes = [node for group in ctx.args for node in group]
    result = get_proper_type(ctx.default_return_type)
    if kind is None or not layers or not _is_model(result) or len(layers) < len(types):
        return ctx.default_return_type
    for left, right, *places in zip(layers, layers[1:], nodes, nodes[1:]):
        for template, named, place, code in _faults(kind, left, right, *places):
            names = [format_type_bare(each, ctx.api.options) for each in named]
            ctx.api.fail(template.format(*names), place, code=code)
    last = layers[-1] if kind == IN_A_ROW else layers[0]
    return result.copy_modified(args=[layers[0].args[0], last.args[1]])


def _faults(
    kind: str, left: Instance, right: Instance, left_place: Expression, right_place: Expression
) -> Iterator[tuple[str, tuple[Type, Type], Expression, ErrorCode]]:
    """(message, types in it, place, code), for both sides of each mismatch."""
    (left_in, left_out), (right_in, right_out) = left.args, right.args
    if kind == IN_A_ROW:
        if not is_subtype(left_out, right_in):
            text = "Layer outputs type ({}) but the next layer expects ({}) as an input"
            yield text, (left_out, right_in), left_place, OUTPUT
            text = "Layer input type ({}) is not compatible with output ({}) from previous layer"
            yield text, (right_in, left_out), right_place, INPUT
        return
    for word, mine, others, code in (("input", left_in, right_in, INPUT), ("output", left_out, right_out, OUTPUT)):
        if not (is_subtype(mine, others) and is_subtype(others, mine)):
            yield f"Layer {word} ({{}}) not compatible with next layer {word} ({{}})", (mine, others), left_place, code
            text = f"Layer {word} ({{}}) not compatible with previous layer {word} ({{}})"
            yield text, (others, mine), right_place, code


def _is_model(value: Type | None) -> TypeGuard[Instance]:
    return isinstance(value, Instance) and value.type.fullname == MODEL and len(value.args) == 2
