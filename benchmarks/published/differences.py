"""Where our results differ from the published ones on purpose, and why."""

# The results of a layer, whatever is asked of it.
OF = r"(output|gradients|second gradients|copy|use) of "
BACK = r"(gradients|second gradients|use) of "

# Pattern that the name of a result matches from its beginning -> why it differs.
REASONS = {
    # Dtypes: what comes in decides what comes out, on every backend.
    r"ops\.(softmax_sequences|backprop_softmax_sequences)\(float16": "float16 is taken; the published one raises TypeError",
    r"ops\.(maxout|backprop_maxout|gather_add|(backprop_)?reduce_\w+)\(numpy, float16": "float16 is taken, as by the base",
    r"ops\.reduce_(sum|mean)\(base, float(16|64)": "the dtype is kept; the published base gives float32",
    r"ops\.backprop_gelu_approx\(.*float16": "the dtype is kept; the published one gives float32",
    r"ops\.(gemm|affine)\(.*numpy, float64": "float64 is taken; the published one demands float32",
    r"ops\.lstm_forward_\w+\(.*float64": "float64 is kept; the published one computes in float32",
    r"ops\.maxout\(base": "indices are int32 on every backend; the published base gives int64",
    r"ops\.(hash|ngrams)\(.*base": "hashes are unsigned on every backend; the published base wraps them into int32",
    r"(CategoricalCrossentropy|convert_truths)\(int one-hot": "targets and gradients have the dtype of the guesses",
    # Numbers: ours are nearer to the formula.
    r"ops\.mish\(threshold 2, numpy, float16": "the published fallback drops the threshold",
    r"ops\.backprop_mish\(.*float16": "rounded once; the published one overflows to NaN",
    r"ops\.(backprop_)?(erf|gelu)\(.*float64": "exact in float64; the published erf is an approximation good to 1.5e-7",
    r"ops\.backprop_gelu_approx\(.*float64": "the exact derivative; the published constants have six digits",
    r"ops\.backprop_(relu|mish)\((Fortran|strided|reversed)": "the published one takes any memory for C order, and is wrong",
    # The LSTM.
    r"ops\.lstm gates and cells": "our gates stand side by side; only the backend's own backprop reads them",
    r"ops\.backprop_lstm": "the published gradient disagrees with finite differences",
    BACK + r"with_padded\(LSTM": "the published gradient disagrees with finite differences",
    # Operations that changed more, or less, than they say.
    r"ops\.adam\(base": "the gradient is zeroed on every backend; the published base keeps it",
    r"use of residual\(noop\) on Padded": "the published one writes into the batch it was given",
    # Layers whose published result is wrong, or that can't go back.
    BACK + "Dish": "the published gradient is taken at the input, not at the pre-activation",
    BACK + "add": "the published one adds into the output of its first layer, which the gradient then reads",
    OF + "MultiSoftmax": "the published one does not normalize",
    BACK + "with_reshape": "the published one can't go back",
    OF + "bidirectional": "the published one reverses nothing",
    BACK + r"concatenate on": "gradients of lists and Ragged are added up; the published ones are joined or fail",
    OF + r"with_ragged\(noop\) on array": "rows of one axis keep it; the published one adds an axis",
    BACK
    + "(remap_ids_v2|premap_ids)": "integer zeros of the input's shape, as in 9.x; the published memory is undefined",
    "copy of premap_ids": "the table can be copied",
    r"copy of ParametricAttention_v2": "copies keep their refs; the published copy drops them",
    r"(start|structure|output|gradients|second gradients|copy|file|use) of with_padded\(noop\) on tuple": "a ValueError at initialize too, as at predict; the published one fails an assertion there",
    # Empty batches keep their width, and can go back.
    BACK + "(Maxout|HashEmbed), empty": "the published callback fails without rows",
    OF + r"(expand_window on Ragged|reduce_\w+|with_\w+ on Ragged), empty": "the width of empty data is kept",
    # Training.
    r"(Sequence)?CategoricalCrossentropy\(negative.*'label_smoothing': 0\.1": "negated labels can be smoothed",
    "schedule compounding, t": "t is honoured, as in 9.x",
    "optimizer, lr_scale, RAdam": "lr_scale is honoured",
    "mistake: training slanted": "without a rising part the rate falls from the start; the published one divides by zero",
    r"PyTorchLSTM\(True": "sequences are packed; the published one runs the padding through the way back",
    "PyTorch inputs of list": "the gradient of a list is a list; the published one is a tuple",
    # Containers and trees.
    r"Ragged\[\d, [13]-d": "an index keeps the axes of the data; the published one makes them two",
    r"Ragged\[array": "sequences are picked in any order; the published one fails on some lengths",
    "(replace_node|remove_node)": "refs that are unset are left alone; the published one fails on them",
    "Config.interpolate": "$$ ends as one $",
}
