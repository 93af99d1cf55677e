"""The steps of an encoder that run in one compiled call each."""

from .._accelerate import kernels, replaces, replaces_any
from ..linear.cpu import PARTS
from .reference import Encoding

# A class that replaces one of these gets the reference form of what is fused from them.
REPLACED = PARTS | {"maxout_affine", "seq2col", "layernorm", "hash", "gather_add", "hash_embed"}


class CpuEncoding(Encoding):
    """See `Encoding` for the formulas."""

    _encodes = True

    def __init_subclass__(cls, **options) -> None:
        super().__init_subclass__(**options)
        if replaces_any(cls, CpuEncoding, REPLACED):
            cls._encodes = False

    @replaces(Encoding.encode_windows)
    def encode_windows(self, X, W, b, G, shift, nW=1, epsilon=1e-8):
        Y = kernels.encode_windows(X, W, b, G, shift, nW, epsilon) if self._encodes else NotImplemented
        return Encoding.encode_windows(self, X, W, b, G, shift, nW, epsilon) if Y is NotImplemented else Y

    @replaces(Encoding.predict_maxout)
    def predict_maxout(self, X, W, b):
        Y = kernels.predict_maxout(X, W, b) if self._encodes else NotImplemented
        return Encoding.predict_maxout(self, X, W, b) if Y is NotImplemented else Y

    @replaces(Encoding.hash_embeds)
    def hash_embeds(self, tables, ids, seeds):
        Y = kernels.hash_embeds(tables, ids, seeds) if self._encodes else NotImplemented
        return Encoding.hash_embeds(self, tables, ids, seeds) if Y is NotImplemented else Y
