"""Cases of the elementwise operations and softmaxes, over random arrays of several dtypes and layouts."""

# ruff: noqa: B023 (each function is called before its loop goes on)

import itertools

import numpy

from thinc.api import NumpyOps, Ops

from .recording import chances, floats, layouts, lengths_of, record

DTYPES = ("float16", "float32", "float64")
FORWARD = """relu mish gelu gelu_approx swish dish hard_swish hard_swish_mobilenet hard_sigmoid hard_tanh relu_k
    clipped_linear""".split()
OTHERS = "sigmoid dsigmoid dtanh softmax erf sechsq".split()


def run(number):
    elementwise(number)
    softmaxes(number)


def elementwise(number):
    for dtype, ops in itertools.product(DTYPES, (NumpyOps(), Ops())):
        X = floats(7 + number, 12, number=number, dtype=dtype, scale=(1, 4, 12)[number])
        dY = floats(7 + number, 12, number=number + 9, dtype=dtype)
        end = f"{ops.name}, {dtype}, {number}"
        for name, inplace in itertools.product(FORWARD + OTHERS, (False, True)):
            if not inplace or name not in ("erf", "sechsq"):
                more = {"inplace": True} if inplace else {}
                record(f"ops.{name}({'inplace, ' * inplace}{end})", lambda: getattr(ops, name)(X.copy(), **more))
        for name, inplace in itertools.product(FORWARD, (False, True)):
            more = {"inplace": True} if inplace else {}
            third = (X / (1 + numpy.exp(-X)),) if name == "swish" else ()
            base = ops.relu(X) if name == "relu" else X
            record(
                f"ops.backprop_{name}({'inplace, ' * inplace}{end})",
                lambda: getattr(ops, f"backprop_{name}")(dY.copy(), base, *third, **more),
            )
        record(f"ops.backprop_sigmoid({end})", lambda: ops.backprop_sigmoid(dY, 1 / (1 + numpy.exp(-X))))
        limits = {"slope": 0.3, "offset": 0.2, "min_val": -0.5, "max_val": 1.5}
        record(f"ops.clipped_linear(limits, {end})", lambda: ops.clipped_linear(X, **limits))
        record(f"ops.backprop_clipped_linear(limits, {end})", lambda: ops.backprop_clipped_linear(dY, X, **limits))
        record(f"ops.relu_k(3, {end})", lambda: ops.relu_k(X, 3.0))
        record(f"ops.backprop_relu_k(3, {end})", lambda: ops.backprop_relu_k(dY, X, 3.0))
        record(f"ops.mish(threshold 2, {end})", lambda: ops.mish(X, threshold=2.0))
        record(f"ops.backprop_mish(threshold 2, {end})", lambda: ops.backprop_mish(dY, X, threshold=2.0))
    if number == 0:
        in_each_layout()


def in_each_layout():
    ops, X, dY = NumpyOps(), floats(7, 12), floats(7, 12, number=5)
    for (kind, laid_out), name in itertools.product(layouts(X).items(), FORWARD + OTHERS):
        record(f"ops.{name}({kind})", lambda: getattr(ops, name)(laid_out))
    for (kind, laid_out), name in itertools.product(layouts(X).items(), FORWARD):
        third = (ops.swish(X),) if name == "swish" else ()
        record(f"ops.backprop_{name}({kind})", lambda: getattr(ops, f"backprop_{name}")(dY, laid_out, *third))
    empty = X[:0]
    for name in FORWARD + OTHERS:
        if name != "softmax":
            record(f"ops.{name}(empty)", lambda: getattr(ops, name)(empty))


def softmaxes(number):
    for dtype in DTYPES:
        ops, X, dY = NumpyOps(), floats(7, 12, number=number, dtype=dtype), floats(7, 12, number=4, dtype=dtype)
        end = f"{dtype}, {number}"
        for axis, temperature in itertools.product((-1, 0), (1.0, 0.5, 3.0)):
            options = {"axis": axis, "temperature": temperature}
            record(f"ops.softmax({axis}, {temperature}, {end})", lambda: ops.softmax(X, **options))
            Y = chances(7, 12, number=number, dtype=dtype)
            record(
                f"ops.backprop_softmax({axis}, {temperature}, {end})", lambda: ops.backprop_softmax(Y, dY, **options)
            )
        lengths = lengths_of(7, number)
        record(f"ops.softmax_sequences({end})", lambda: ops.softmax_sequences(X, lengths))
        Y = chances(7, 12, number=number, dtype=dtype)
        record(f"ops.backprop_softmax_sequences({end})", lambda: ops.backprop_softmax_sequences(dY, Y, lengths))
        record(f"ops.logloss({end})", lambda: ops.logloss(Y, Y[::-1].copy()))
