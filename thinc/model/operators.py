"""Bind Python's operators to functions that combine models."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

context_operators: ContextVar[dict[str, Callable]] = ContextVar("context_operators", default={})  # noqa: B039  # public; never changed in place


class Operators:
    """The binary operators; each looks its function up in the current context."""

    __slots__ = ()
    _context_operators = context_operators

    @classmethod
    @contextmanager
    def define_operators(cls, operators: dict[str, Callable]) -> Iterator[None]:
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

    def __add__(self, other: Any) -> Any:
        return self._combine("+", other)

    def __sub__(self, other: Any) -> Any:
        return self._combine("-", other)

    def __mul__(self, other: Any) -> Any:
        return self._combine("*", other)

    def __matmul__(self, other: Any) -> Any:
        return self._combine("@", other)

    def __truediv__(self, other: Any) -> Any:
        return self._combine("/", other)

    __div__ = __truediv__

    def __floordiv__(self, other: Any) -> Any:
        return self._combine("//", other)

    def __mod__(self, other: Any) -> Any:
        return self._combine("%", other)

    def __pow__(self, other: Any, **kwargs: Any) -> Any:
        return self._combine("**", other, **kwargs)

    def __lshift__(self, other: Any) -> Any:
        return self._combine("<<", other)

    def __rshift__(self, other: Any) -> Any:
        return self._combine(">>", other)

    def __and__(self, other: Any) -> Any:
        return self._combine("&", other)

    def __xor__(self, other: Any) -> Any:
        return self._combine("^", other)

    def __or__(self, other: Any) -> Any:
        return self._combine("|", other)
