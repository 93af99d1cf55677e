"""Every kernel of a family, made for every dtype that it takes."""

import re

from thinc.backends._cuda_source import FLOATS, HERE, expression_of, signatures, source_of
from thinc.backends.linear.cuda import STRUCTS

FAMILIES = sorted(path.parent.name for path in HERE.glob("*/kernels.cu"))


def functions(family, method):
    """The structs of the shared headers that have such a method, or that a product takes."""
    if family == "linear":
        return [f"thinc::activation::{name}" for name in STRUCTS.values()]
    pieces = re.split(r"\nstruct (\w+) {", source_of(family))
    return [
        f"thinc::activation::{name}"
        for name, body in zip(pieces[1::2], pieces[2::2])
        if f" {method}(T" in body.partition("\n};")[0] and name != "Swish" or (name, method) == ("Swish", "forward")
    ]


def expressions(family):
    """C++ names of all instances, sorted."""
    found = []
    for kernel, signature in signatures(family).items():
        if signature.n_types == 0:
            found.append(expression_of(family, kernel, ()))
        elif signature.n_types == 1:
            found += [expression_of(family, kernel, (dtype,)) for dtype in FLOATS]
        else:
            method = "backward" if "backward" in kernel else "forward"
            found += [expression_of(family, kernel, (f, dtype)) for f in functions(family, method) for dtype in FLOATS]
    return sorted(found)
