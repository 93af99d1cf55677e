"""Operators are bound for a block only."""

import pytest

from thinc.model import Model

SYMBOLS = ["+", "-", "*", "@", "/", "//", "%", "**", "<<", ">>", "&", "^", "|"]


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_operator_calls_its_function_inside_the_block_only(symbol):
    model = Model("a", None)
    with Model.define_operators({symbol: lambda a, b: (a, b)}):
        assert eval(f"m {symbol} 1", {"m": model}) == (model, 1)
    with pytest.raises(TypeError, match="Undefined operator"):
        eval(f"m {symbol} 1", {"m": model})


def test_operators_are_unbound_after_an_exception():
    with pytest.raises(KeyError), Model.define_operators({"+": lambda a, b: a}):
        raise KeyError
    with pytest.raises(TypeError):
        Model("a", None) + 1


def test_inner_block_replaces_the_outer():
    model = Model("a", None)
    with Model.define_operators({"+": lambda a, b: 1}):
        with Model.define_operators({"-": lambda a, b: 2}), pytest.raises(TypeError):
            model + model
        assert model + model == 1
