"""Every path by which spaCy 3.8.18 and its companions import something of ours leads there."""

from importlib import import_module

import pytest

# Module: the names that spaCy's sources, its tests and the packages around it import from there.
PATHS = {
    "thinc": "registry __version__",
    "thinc.api": """
        Adam ArgsKwargs Config ConfigValidationError CosineDistance CupyOps Dropout Gelu HashEmbed L2Distance LayerNorm
        Linear Logistic MPSOps Maxout Mish Model MultiSoftmax NumpyOps Ops Optimizer ParametricAttention
        ParametricAttention_v2 PyTorchGradScaler PyTorchLSTM PyTorchShim PyTorchWrapper PyTorchWrapper_v2 Ragged Relu
        SequenceCategoricalCrossentropy Softmax Softmax_v2 SparseLinear SparseLinear_v2 TorchScriptWrapper_v1 chain
        clone compounding concatenate constant data_validation decaying deserialize_attr expand_window fix_random_seed
        get_array_module get_current_ops get_torch_default_device get_width glorot_uniform_init list2array list2ragged
        noop normal_init prefer_gpu ragged2list reduce_first reduce_last reduce_max reduce_mean reduce_sum registry
        require_cpu require_gpu residual resizable serialize_attr set_current_ops set_dropout_rate set_gpu_allocator
        softmax_activation to_categorical to_numpy torch2xp tuplify use_ops with_array with_cpu with_getitem
        with_padded xp2torch zero_init
    """,
    "thinc.backends": """
        Ops context_pools contextvars_eq_thread_ops get_array_ops get_current_ops use_pytorch_for_gpu_memory
        use_tensorflow_for_gpu_memory
    """,
    "thinc.backends.cblas": "CBlas",
    "thinc.backends.cupy_ops": "CupyOps",
    "thinc.backends.linalg": "Mat Matrix Vec VecVec",
    "thinc.backends.mps_ops": "MPSOps",
    "thinc.backends.numpy_ops": "NumpyOps",
    "thinc.backends.ops": "Ops",
    "thinc.compat": "has_cupy has_cupy_gpu has_torch_cuda_gpu has_torch_mps_gpu",
    "thinc.config": "Config ConfigValidationError Promise VARIABLE_RE registry",
    "thinc.extra.search": "Beam MaxViolation",
    "thinc.initializers": "glorot_uniform_init",
    "thinc.layers": """
        Linear PyTorchWrapper_v2 Relu TorchScriptWrapper_v1 chain clone concatenate noop
        pytorch_to_torchscript_wrapper tuplify with_nvtx_range
    """,
    "thinc.layers.chain": "init",
    "thinc.layers.pytorchwrapper": """
        PyTorchWrapper_v2 convert_pytorch_default_inputs convert_pytorch_default_outputs forward
    """,
    "thinc.layers.resizable": "resize_linear_weighted resize_model",
    "thinc.loss": "Loss SequenceCategoricalCrossentropy",
    "thinc.model": "Model",
    "thinc.optimizers": "Adam Optimizer",
    "thinc.schedules": "compounding constant decaying warmup_linear",
    "thinc.shims": "PyTorchGradScaler PyTorchShim Shim",
    "thinc.shims.pytorch": "PyTorchShim default_deserialize_torch_model default_serialize_torch_model",
    "thinc.shims.pytorch_grad_scaler": "PyTorchGradScaler",
    "thinc.shims.shim": "Shim",
    "thinc.tests.strategies": "ndarrays_of_shape",
    "thinc.types": """
        ArgsKwargs Array2d ArrayXd Floats1d Floats2d Floats3d Floats4d FloatsXd Ints1d Ints2d Padded Ragged Tuple
    """,
    "thinc.util": """
        DataValidationError convert_recursive copy_array gpu_is_available has_cupy_gpu has_tensorflow has_torch
        is_cupy_array is_torch_array is_xp_array partial prefer_gpu require_cpu require_gpu torch torch2xp
        use_nvtx_range xp2torch
    """,
}


@pytest.mark.parametrize("module, name", [(m, name) for m, names in PATHS.items() for name in names.split()])
def test_every_path_of_spacy_leads_to_something(module, name):
    assert hasattr(import_module(module), name)


def test_the_ref_of_attention_has_its_name():
    module = import_module("thinc.layers.parametricattention_v2")
    assert module.ParametricAttention_v2().get_ref(module.KEY_TRANSFORM_REF).name == "noop"
