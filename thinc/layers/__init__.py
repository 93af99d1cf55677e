"""The public names of thinc.layers: one module per layer, imported when its layer is first asked for."""

from typing import TYPE_CHECKING

from .. import _late, config

if TYPE_CHECKING:
    from ._framework import FrameworkWrapper
    from .activation import Activation
    from .add import add
    from .array_getitem import array_getitem
    from .batchnorm import BatchNorm
    from .bidirectional import bidirectional
    from .cauchysimilarity import CauchySimilarity
    from .chain import chain
    from .clipped_linear import ClippedLinear, HardSigmoid, HardTanh, ReluK
    from .clone import clone
    from .concatenate import concatenate
    from .conv1d import Conv1d
    from .dish import Dish
    from .dropout import Dropout
    from .embed import Embed
    from .expand_window import ExtractWindow, expand_window
    from .gelu import Gelu
    from .glu import GLU
    from .gru import GRU
    from .hard_swish import HardSwish
    from .hard_swish_mobilenet import HardSwishMobilenet
    from .hashembed import HashEmbed
    from .jaxwrapper import EquinoxWrapper, FlaxWrapper, JaxWrapper
    from .layernorm import LayerNorm
    from .linear import Linear
    from .list2array import list2array
    from .list2padded import list2padded
    from .list2ragged import list2ragged
    from .logistic import Logistic
    from .lstm import LSTM, PyTorchLSTM
    from .map_list import map_list
    from .maxout import Maxout
    from .mish import Mish
    from .multiheadattention import MultiHeadAttention
    from .multisoftmax import MultiSoftmax
    from .mxnetwrapper import MXNetWrapper
    from .noop import noop
    from .padded2list import padded2list
    from .parametricattention import ParametricAttention
    from .parametricattention_v2 import ParametricAttention_v2
    from .premap_ids import premap_ids
    from .pytorchwrapper import PyTorchRNNWrapper, PyTorchWrapper, PyTorchWrapper_v2, PyTorchWrapper_v3
    from .ragged2list import ragged2list
    from .reduce_first import reduce_first
    from .reduce_last import reduce_last
    from .reduce_max import reduce_max
    from .reduce_mean import reduce_mean
    from .reduce_sum import reduce_sum
    from .relu import ReLu, Relu
    from .remap_ids import remap_ids, remap_ids_v2
    from .residual import residual
    from .resizable import resizable
    from .rmsnorm import RMSNorm
    from .siamese import siamese
    from .sigmoid import Sigmoid
    from .sigmoid_activation import sigmoid_activation
    from .softmax import Softmax, Softmax_v2
    from .softmax_activation import softmax_activation
    from .sparselinear import SparseLinear, SparseLinear_v2
    from .strings2arrays import strings2arrays
    from .swiglu import SwiGLU
    from .swish import Swish
    from .tensorflowwrapper import KerasWrapper, TensorFlowWrapper, keras_subclass
    from .torchscriptwrapper import TorchScriptWrapper_v1, pytorch_to_torchscript_wrapper
    from .transformerencoder import TransformerEncoder
    from .tuplify import tuplify
    from .uniqued import uniqued
    from .with_array import with_array
    from .with_array2d import with_array2d
    from .with_axes import with_axes
    from .with_cpu import with_cpu
    from .with_debug import with_debug
    from .with_flatten import with_flatten
    from .with_flatten_v2 import with_flatten_v2
    from .with_getitem import with_getitem
    from .with_list import with_list
    from .with_nvtx_range import with_nvtx_range
    from .with_padded import with_padded
    from .with_ragged import with_ragged
    from .with_reshape import with_reshape
    from .with_signpost_interval import with_signpost_interval

_late.load_late(
    __name__,
    {
        "_framework": "FrameworkWrapper @FrameworkWrapper.v1",
        "activation": "Activation @Activation.v1",
        "add": "add @add.v1",
        "array_getitem": "array_getitem",
        "batchnorm": "BatchNorm @BatchNorm.v1",
        "bidirectional": "bidirectional @bidirectional.v1",
        "cauchysimilarity": "CauchySimilarity @CauchySimilarity.v1",
        "chain": "chain @chain.v1",
        "clipped_linear": "ClippedLinear HardSigmoid HardTanh ReluK "
        "@ClippedLinear.v1 @HardSigmoid.v1 @HardTanh.v1 @ReluK.v1",
        "clone": "clone @clone.v1",
        "concatenate": "concatenate @concatenate.v1",
        "conv1d": "Conv1d @Conv1d.v1",
        "dish": "Dish @Dish.v1",
        "dropout": "Dropout @Dropout.v1",
        "embed": "Embed @Embed.v1",
        "expand_window": "ExtractWindow expand_window @expand_window.v1",
        "gelu": "Gelu @Gelu.v1",
        "glu": "GLU @GLU.v1",
        "gru": "GRU @GRU.v1",
        "hard_swish": "HardSwish @HardSwish.v1",
        "hard_swish_mobilenet": "HardSwishMobilenet @HardSwishMobilenet.v1",
        "hashembed": "HashEmbed @HashEmbed.v1",
        "jaxwrapper": "EquinoxWrapper FlaxWrapper JaxWrapper @JaxWrapper.v1 @FlaxWrapper.v1 @EquinoxWrapper.v1",
        "layernorm": "LayerNorm @LayerNorm.v1",
        "linear": "Linear @Linear.v1",
        "list2array": "list2array @list2array.v1",
        "list2padded": "list2padded @list2padded.v1",
        "list2ragged": "list2ragged @list2ragged.v1",
        "logistic": "Logistic @Logistic.v1",
        "lstm": "LSTM PyTorchLSTM @LSTM.v1 @PyTorchLSTM.v1",
        "map_list": "map_list",
        "maxout": "Maxout @Maxout.v1",
        "mish": "Mish @Mish.v1",
        "multiheadattention": "MultiHeadAttention @MultiHeadAttention.v1",
        "multisoftmax": "MultiSoftmax @MultiSoftmax.v1",
        "mxnetwrapper": "MXNetWrapper @MXNetWrapper.v1",
        "noop": "noop @noop.v1",
        "padded2list": "padded2list @padded2list.v1",
        "parametricattention": "ParametricAttention @ParametricAttention.v1",
        "parametricattention_v2": "ParametricAttention_v2 @ParametricAttention.v2",
        "premap_ids": "premap_ids @premap_ids.v1",
        "pytorchwrapper": "PyTorchRNNWrapper PyTorchWrapper PyTorchWrapper_v2 PyTorchWrapper_v3 "
        "@PyTorchWrapper.v1 @PyTorchWrapper.v2 @PyTorchWrapper.v3 @PyTorchRNNWrapper.v1",
        "ragged2list": "ragged2list @ragged2list.v1",
        "reduce_first": "reduce_first @reduce_first.v1",
        "reduce_last": "reduce_last @reduce_last.v1",
        "reduce_max": "reduce_max @reduce_max.v1",
        "reduce_mean": "reduce_mean @reduce_mean.v1",
        "reduce_sum": "reduce_sum @reduce_sum.v1",
        "relu": "ReLu Relu @Relu.v1",
        "remap_ids": "remap_ids remap_ids_v2 @remap_ids.v1 @remap_ids.v2",
        "residual": "residual @residual.v1",
        "resizable": "resizable @resizable.v1",
        "rmsnorm": "RMSNorm @RMSNorm.v1",
        "siamese": "siamese @siamese.v1",
        "sigmoid": "Sigmoid @Sigmoid.v1",
        "sigmoid_activation": "sigmoid_activation @sigmoid_activation.v1",
        "softmax": "Softmax Softmax_v2 @Softmax.v1 @Softmax.v2",
        "softmax_activation": "softmax_activation @softmax_activation.v1",
        "sparselinear": "SparseLinear SparseLinear_v2 @SparseLinear.v1 @SparseLinear.v2",
        "strings2arrays": "strings2arrays @strings2arrays.v1",
        "swiglu": "SwiGLU @SwiGLU.v1",
        "swish": "Swish @Swish.v1",
        "tensorflowwrapper": "KerasWrapper TensorFlowWrapper keras_subclass @TensorFlowWrapper.v1 @KerasWrapper.v1",
        "torchscriptwrapper": "TorchScriptWrapper_v1 pytorch_to_torchscript_wrapper",
        "transformerencoder": "TransformerEncoder @TransformerEncoder.v1",
        "tuplify": "tuplify @tuplify.v1",
        "uniqued": "uniqued @uniqued.v1",
        "with_array": "with_array @with_array.v1",
        "with_array2d": "with_array2d @with_array2d.v1",
        "with_axes": "with_axes @with_axes.v1",
        "with_cpu": "with_cpu @with_cpu.v1",
        "with_debug": "with_debug",
        "with_flatten": "with_flatten @with_flatten.v1",
        "with_flatten_v2": "with_flatten_v2 @with_flatten.v2",
        "with_getitem": "with_getitem @with_getitem.v1",
        "with_list": "with_list @with_list.v1",
        "with_nvtx_range": "with_nvtx_range",
        "with_padded": "with_padded @with_padded.v1",
        "with_ragged": "with_ragged @with_ragged.v1",
        "with_reshape": "with_reshape @with_reshape.v1",
        "with_signpost_interval": "with_signpost_interval",
    },
    config.registry.layers,
)

__all__ = [
    "Activation",
    "BatchNorm",
    "CauchySimilarity",
    "ClippedLinear",
    "Conv1d",
    "Dish",
    "Dropout",
    "Embed",
    "EquinoxWrapper",
    "ExtractWindow",
    "FlaxWrapper",
    "FrameworkWrapper",
    "GLU",
    "GRU",
    "Gelu",
    "HardSigmoid",
    "HardSwish",
    "HardSwishMobilenet",
    "HardTanh",
    "HashEmbed",
    "JaxWrapper",
    "KerasWrapper",
    "LSTM",
    "LayerNorm",
    "Linear",
    "Logistic",
    "MXNetWrapper",
    "Maxout",
    "Mish",
    "MultiHeadAttention",
    "MultiSoftmax",
    "ParametricAttention",
    "ParametricAttention_v2",
    "PyTorchLSTM",
    "PyTorchRNNWrapper",
    "PyTorchWrapper",
    "PyTorchWrapper_v2",
    "PyTorchWrapper_v3",
    "RMSNorm",
    "ReLu",
    "Relu",
    "ReluK",
    "Sigmoid",
    "Softmax",
    "Softmax_v2",
    "SparseLinear",
    "SparseLinear_v2",
    "SwiGLU",
    "Swish",
    "TensorFlowWrapper",
    "TorchScriptWrapper_v1",
    "TransformerEncoder",
    "add",
    "array_getitem",
    "bidirectional",
    "chain",
    "clone",
    "concatenate",
    "expand_window",
    "keras_subclass",
    "list2array",
    "list2padded",
    "list2ragged",
    "map_list",
    "noop",
    "padded2list",
    "premap_ids",
    "pytorch_to_torchscript_wrapper",
    "ragged2list",
    "reduce_first",
    "reduce_last",
    "reduce_max",
    "reduce_mean",
    "reduce_sum",
    "remap_ids",
    "remap_ids_v2",
    "residual",
    "resizable",
    "siamese",
    "sigmoid_activation",
    "softmax_activation",
    "strings2arrays",
    "tuplify",
    "uniqued",
    "with_array",
    "with_array2d",
    "with_axes",
    "with_cpu",
    "with_debug",
    "with_flatten",
    "with_flatten_v2",
    "with_getitem",
    "with_list",
    "with_nvtx_range",
    "with_padded",
    "with_ragged",
    "with_reshape",
    "with_signpost_interval",
]
