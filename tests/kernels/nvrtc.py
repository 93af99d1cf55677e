"""Compile CUDA sources to PTX by NVIDIA's run-time compiler, which needs no GPU."""

import ctypes
import importlib.util
from pathlib import Path

from thinc.backends._cuda import OPTIONS


class CompileError(AssertionError):
    """What the compiler said."""


def libraries():
    """Version -> path of every NVRTC that pip has installed here."""
    spec = importlib.util.find_spec("nvidia")
    found = {}
    for root in spec.submodule_search_locations if spec else ():
        for path in sorted(Path(root).glob("*/lib/libnvrtc.so.*")):
            found[path.name.rpartition(".")[2]] = path
    return found


class Compiler:
    """One NVRTC library."""

    def __init__(self, path):
        # The builtins are found beside the library once they are loaded.
        for builtins in sorted(path.parent.glob("libnvrtc-builtins.so.*")):
            ctypes.CDLL(str(builtins), mode=ctypes.RTLD_GLOBAL)
        self.library = ctypes.CDLL(str(path))

    def compile(self, source, architecture):
        """(PTX, log).  CompileError: with the log."""
        program = ctypes.c_void_p()
        self._check(
            self.library.nvrtcCreateProgram(ctypes.byref(program), source.encode(), b"kernels.cu", 0, None, None)
        )
        try:
            options = [f"--gpu-architecture=compute_{architecture}", *OPTIONS]
            given = (ctypes.c_char_p * len(options))(*(option.encode() for option in options))
            failed = self.library.nvrtcCompileProgram(program, len(options), given)
            log = self._read(program, "ProgramLog")
            if failed:
                raise CompileError(log)
            return self._read(program, "PTX"), log.strip("\0\n ")
        finally:
            self.library.nvrtcDestroyProgram(ctypes.byref(program))

    def _read(self, program, what):
        size = ctypes.c_size_t()
        self._check(getattr(self.library, f"nvrtcGet{what}Size")(program, ctypes.byref(size)))
        text = ctypes.create_string_buffer(size.value)
        self._check(getattr(self.library, f"nvrtcGet{what}")(program, text))
        return text.value.decode()

    def _check(self, status):
        assert status == 0, f"NVRTC gave the error {status}"
