"""Bind Python's operators to functions that combine models."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from .border import InT, OutT

if TYPE_CHECKING:
    from .model import Model

NextT = TypeVar("NextT")

context_operators: ContextVar[dict[str, Callable]] = ContextVar("context_operators", default={})  # noqa: B039  # public; never changed in place


class Operators(Generic[InT, OutT]):
    """The binary operators; each looks its function up in the current context.

    Type checkers can't know the context. They take `>>` between layers that fit for `chain`, which
    everybody binds to it, and all else for a layer of any type.
    """

    __slots__ = ()
    _context_operators = context_operators

    @classmethod
    @contextmanager
    def define_operators(cls, operators: Mapping[str, Callable[..., "Model[Any, Any]"]]) -> Iterator[None]:
        """Bind these operators, and only these, inside the block.

        A thread starts without operators; an asyncio task inherits its creator's.
        """
        token = cls._context_operators.set(dict(operators))
        try:
            yield
        finally:
            cls._context_operators.reset(token)

    def _combine(self, symbol: str, other: Any, **kwargs: Any) -> Any:
        operators = self._context_operators.get()
        if symbol not in operators:
            raise TypeError(
                f"Undefined operator: {symbol} is not bound; wrap the expression in "
                f"Model.define_operators({{{symbol!r}: ...}})"
            )
        return operators[symbol](self, other, **kwargs)

    def __add__(self, other: Any) -> "Model[Any, Any]":
        return self._combine("+", other)

    def __sub__(self, other: Any) -> "Model[Any, Any]":
        return self._combine("-", other)

    def __mul__(self, other: Any) -> "Model[Any, Any]":
        return self._combine("*", other)

    def __matmul__(self, other: Any) -> "Model[Any, Any]":
        return self._combine("@", other)

    def __truediv__(self, other: Any) -> "Model[Any, Any]":
        return self._combine("/", other)

    __div__ = __truediv__

    def __floordiv__(self, other: Any) -> "Model[Any, Any]":
        return self._combine("//", other)

    def __mod__(self, other: Any) -> "Model[Any, Any]":
        return self._combine("%", other)

    def __pow__(self, other: Any, **kwargs: Any) -> "Model[Any, Any]":
        return self._combine("**", other, **kwargs)

    def __lshift__(self, other: Any) -> "Model[Any, Any]":
        return self._combine("<<", other)

    @overload
    def __rshift__(self, other: "Model[OutT, NextT]") -> "Model[InT, NextT]": ...
    @overload
    def __rshift__(self, other: Any) -> "Model[Any, Any]": ...
    def __rshift__(self, other: Any) -> "Model[Any, Any]":
        return self._combine(">>", other)

    def __and__(self, other: Any) -> "Model[Any, Any]":
        return self._combine("&", other)

    def __xor__(self, other: Any) -> "Model[Any, Any]":
        return self._combine("^", other)

    def __or__(self, other: Any) -> "Model[Any, Any]":
        return self._combine("|", other)
