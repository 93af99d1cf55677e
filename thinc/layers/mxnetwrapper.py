"""Use an MXNet gluon block as a layer."""

from collections.abc import Callable
from typing import Any

from ..config import registry
from ..model import Model
from ..shims.mxnet import MXNetShim
from ._framework import check_foreign, convert_default_inputs, convert_default_outputs, wrap_shim

convert_mxnet_default_inputs = convert_default_inputs
convert_mxnet_default_outputs = convert_default_outputs


@registry.layers("MXNetWrapper.v1")
def MXNetWrapper(
    mxnet_model: Any,
    convert_inputs: Callable | None = None,
    convert_outputs: Callable | None = None,
    model_class: type[Model] = Model,
    model_name: str = "mxnet",
) -> Model[Any, Any]:
    """Wrap a gluon block, hybridized or not.

    convert_inputs: (model, X, is_train) -> (ArgsKwargs of NDArrays, get_dX)
    convert_outputs: (model, (X, outputs), is_train) -> (Y, get_d_outputs)
    Sizes that the block does not know become known in `initialize(X=…)`.
    Layers of one block share its weights; the first that is updated steps with the sum of the gradients.  Layers of a
    block and of a part of it would each step with their own.
    """
    check_foreign(mxnet_model, "a gluon block")
    model = wrap_shim(MXNetShim(mxnet_model), model_name, convert_inputs, convert_outputs, model_class=model_class)
    model.init = init
    return model


def init(model: Model, X: Any = None, Y: Any = None) -> None:
    if X is not None:
        model.predict(X)  # gluon learns its sizes from the first batch
