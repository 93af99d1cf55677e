"""Build the compiled kernels; setuptools loads this file without importing thinc."""

import os
import shutil
import sys

from setuptools.command.build_ext import build_ext


def has_compiler() -> bool:
    """Is there any C++ compiler?  A failed compile never passes for a missing one."""
    named = os.environ.get("CXX", "").split()[:1]
    return os.name == "nt" or any(shutil.which(name) for name in [*named, "c++", "g++", "clang++"])


class BuildExt(build_ext):
    """Add NumPy's headers and our flags; build nothing where no compiler is or THINC_NO_EXTENSION=1."""

    def finalize_options(self) -> None:
        super().finalize_options()
        if os.environ.get("THINC_NO_EXTENSION") == "1" or not has_compiler():
            print("thinc: no compiled kernels; the reference operations run", file=sys.stderr)
            self.extensions = self.distribution.ext_modules = []

    def build_extension(self, ext) -> None:
        import numpy

        ext.include_dirs.append(numpy.get_include())
        ext.define_macros.append(("NPY_NO_DEPRECATED_API", "NPY_1_7_API_VERSION"))
        if os.name != "nt":
            ext.extra_compile_args += ["-std=c++17", "-O3", "-fno-math-errno", "-fno-trapping-math"]
        super().build_extension(ext)
