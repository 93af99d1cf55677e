"""Carry every layout of one library over to another one, a line of JSON for each: a worker process.

The way is that of a mixed chain: the source gives a NumPy array, the target takes it.  Values,
memory and dtypes are asked from the libraries themselves, not through what is tested.
"""

import ctypes
import json
import sys

import numpy
from interop.layouts import LAYOUTS

from thinc.errors import BorderError
from thinc.interop import dtype_name
from thinc.interop.dlpack import _overlaps

IMMUTABLE = {"tensorflow", "jax"}
# Dtypes that may change, as documented: (source's, target's).
WIDENED = {("bfloat16", "float32"), ("float8_e4m3fn", "float32")}
NARROWED = {("int64", "int32"), ("uint64", "uint32")}


class NumPy:
    """What a pair needs to know of NumPy, which has no door of its own."""

    @staticmethod
    def give(array):
        return array

    take = give


def door(name):
    if name == "numpy":
        return NumPy
    if name == "torch":
        from thinc.shims.torch_arrays import TORCH as found
    elif name == "tensorflow":
        from thinc.shims.tensorflow_arrays import TENSORFLOW as found
    elif name == "jax":
        from thinc.shims.jax_arrays import JAX as found
    else:
        from thinc.shims.mxnet_arrays import MXNET as found
    return found


def values(name, array):
    """Nested lists of what the array holds, as its own library reads it."""
    if name == "torch":
        array = array.detach().to_dense() if array.is_sparse else array.detach()
        return array.tolist()
    if name == "mxnet":
        return array.asnumpy().tolist()
    if name == "tensorflow" and not hasattr(array, "__array__"):
        return None
    if name == "jax" and str(array.dtype).startswith("key"):
        return None
    array = numpy.array(array)
    return array.astype("f8").tolist() if array.dtype.kind == "V" and array.dtype.names is None else array.tolist()


def pointer(name, array):
    """The address of the first element, from the library itself; None where there is none."""
    if name == "numpy":
        return array.__array_interface__["data"][0]
    if name == "torch":
        return None if array.is_sparse else array.data_ptr()
    if name == "jax":
        return array.unsafe_buffer_pointer()
    if name == "mxnet":
        from mxnet.base import _LIB, check_call

        found = ctypes.c_void_p()
        check_call(_LIB.MXNDArrayGetData(array.handle, ctypes.byref(found)))
        return found.value
    value = array.value() if hasattr(array, "assign") else array
    return numpy.asarray(value).__array_interface__["data"][0]


def write(name, array):
    """Overwrite the array where its library allows it."""
    if name == "numpy":
        if array.flags.writeable and array.dtype.kind in "biufc":
            array[...] = 1
    elif name == "torch":
        array.detach().fill_(1)
    elif name == "mxnet":
        array[:] = 1
        array.wait_to_read()


def compute(name, array):
    """Run a kernel over the array: TensorFlow's abort where memory is not aligned."""
    if name == "numpy" and array.dtype.kind not in "biufc":
        return
    kind = dtype_name(array)
    if name == "mxnet":
        if 0 in array.shape:
            return  # it can't compute with nothing
        array = array.astype("int8") if kind == "bool" else array
        kind = "number"
    if name == "torch" and kind in ("uint16", "uint32", "uint64", "float8_e4m3fn"):
        result = array.clone()  # torch stores these, and adds none of them
    else:
        result = array == array if kind == "bool" else array + array
    values(name, result)


def cross(source, target, value):
    """What became of the value: "zero-copy", "copy: why", "error: why" or "FAILED: …"."""
    before = values(source, value)
    try:
        between = door(source).give(value)
        after = door(target).take(between)
    except BorderError as error:
        return f"error: {reason(error)}"
    kinds = dtype_name(value), dtype_name(after)
    allowed = WIDENED | (NARROWED if target == "jax" else set())
    if values(target, after) != before or (kinds[0] != kinds[1] and kinds not in allowed and source != "tensorflow"):
        return f"FAILED: {before} of {kinds[0]} became {values(target, after)} of {kinds[1]}"
    compute(target, after)
    places = pointer(source, value), pointer("numpy", between), pointer(target, after)
    must_stay = source in IMMUTABLE or not getattr(getattr(value, "flags", None), "writeable", True)
    if after.shape != () and 0 in after.shape:
        return "empty"
    how = "zero-copy" if len(set(places)) == 1 else f"copy: {cause(source, target, kinds, places, value, between)}"
    write(target, after)
    if (must_stay or how != "zero-copy") and values(source, value) != before:
        return f"FAILED: a write to the {how} changed the source"
    return how


def reason(error):
    """The middle of the message: what came is in the row, what to do is the same everywhere."""
    text = str(error).partition(": ")[2].split(". ")[0]
    return " ".join(text.split())[:90]


def cause(source, target, kinds, places, value, between):
    """Why memory could not be shared, in the order in which the door looks."""
    if places[0] != places[1]:
        if kinds in WIDENED:
            return "widened to float32"
        return f"{source} can't share it"
    if kinds in NARROWED:
        return "narrowed to 32 bits"
    flags = between.flags
    causes = {
        "byte order": not between.dtype.isnative,
        "read-only": not flags.writeable,
        "misaligned": not flags.aligned,
        "runs backwards": any(step < 0 for step in between.strides),
        "elements share memory": not flags.c_contiguous and any(step == 0 for step in between.strides),
        "elements overlap": not flags.c_contiguous and _overlaps(between),
        "not dense": target != "torch" and not flags.c_contiguous,
        "not at a multiple of 64": target in IMMUTABLE and places[1] % 64,
    }
    return next((name for name, holds in causes.items() if holds), f"{target} can't share it")


def main(source, target, start):
    for index, (name, value) in enumerate(LAYOUTS[source]().items()):
        if index < int(start):
            continue
        print(json.dumps([index, name, None]), flush=True)  # if this is the last line, the process aborted here
        try:
            result = cross(source, target, value)
        except Exception as error:  # anything but a BorderError is a fault of the door
            result = f"FAILED: {type(error).__name__}: {error!s:.200}"
        print(json.dumps([index, name, result]), flush=True)
    print(json.dumps("done"), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
