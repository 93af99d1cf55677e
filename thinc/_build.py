"""Build the compiled kernels; setuptools loads this file without importing thinc."""

import os
import shutil
import sys
from pathlib import Path

from setuptools.command.build_ext import build_ext

# -ffp-contract lets a·b + c be one instruction, which rounds once instead of twice.
FLAGS = ["-std=c++17", "-O3", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=fast", "-Wno-ignored-attributes"]
V3 = ["-fno-exceptions", "-mavx2", "-mfma", "-mbmi", "-mbmi2", "-mlzcnt", "-mpopcnt", "-mf16c"]
V4 = [*V3, "-mavx512f", "-mavx512bw", "-mavx512dq", "-mavx512vl", "-mprefer-vector-width=512"]
LEVELS = {"thinc/backends/_cpu_v3.cpp": V3, "thinc/backends/_cpu_v4.cpp": V4}
HEADERS = ("*.hh", "*.pxi")


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
        ext.define_macros.append(("NPY_TARGET_VERSION", "NPY_1_25_API_VERSION"))  # the oldest NumPy that we run on
        ext.depends += [str(path) for pattern in HEADERS for path in Path("thinc/backends").rglob(pattern)]
        if os.name != "nt":
            ext.extra_compile_args += FLAGS
        if ext.name == "thinc.backends._cpu" and self._has_x86_levels():
            ext.define_macros.append(("THINC_X86_LEVELS", "1"))
            for source, flags in LEVELS.items():
                ext.extra_objects += self._compile(ext, source, flags)
        super().build_extension(ext)

    def _has_x86_levels(self) -> bool:
        """Only for one x86-64 target: a macOS build may be for two architectures at once."""
        return os.name != "nt" and self.plat_name.endswith("x86_64")

    def _compile(self, ext, source: str, flags: list[str]) -> list[str]:
        """Setuptools gives all sources of a module the same flags, so these are compiled here."""
        return self.compiler.compile(
            [source],
            output_dir=self.build_temp,
            macros=ext.define_macros,
            include_dirs=ext.include_dirs,
            debug=self.debug,
            extra_postargs=[*ext.extra_compile_args, *flags],
            depends=ext.depends,
        )
