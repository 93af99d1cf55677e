"""Steps of an encoder, put together from the operations of its layers."""

from collections.abc import Sequence

from ...errors import ShapeError
from ...types import Floats1d, Floats2d, Floats3d, Ints1d
from ..linear.reference import Linear
from ..lookup.reference import Lookup
from ..normalization.reference import Normalization
from ..sequence.reference import Sequences


class Encoding(Lookup, Sequences, Normalization, Linear):
    """Without what only a backward pass needs."""

    def encode_windows(
        self,
        X: Floats2d,
        W: Floats3d,
        b: Floats2d,
        G: Floats1d,
        shift: Floats1d,
        nW: int = 1,
        epsilon: float = 1e-8,
    ) -> Floats2d:
        """Y = X + layernorm(best), best[n, o] = max over p of W[o, p] · [X[n − nW], ..., X[n + nW]] + b[o, p].

        X, Y: (n, w), with zeros beyond the ends of X.  W: (w, nP, (2 nW + 1) w).  b: (w, nP).
        G, shift, epsilon: of `layernorm`; (w,).
        """
        best, _ = self.maxout_affine(self.seq2col(self.as_contig(X), nW), W, b)
        return X + self.layernorm(best, G, shift, epsilon)[0]

    def predict_maxout(self, X: Floats2d, W: Floats3d, b: Floats2d) -> Floats2d:
        """The best pieces that `maxout_affine` gives, without which they were.

        Rows of X that are equal may be computed once: they are for words, which come again and again.
        """
        return self.maxout_affine(X, W, b)[0]

    def hash_embeds(self, tables: Sequence[Floats2d], ids: Sequence[Ints1d], seeds: Sequence[int]) -> Floats2d:
        """Y = [hash_embed(tables[0], ids[0], seeds[0]) | hash_embed(tables[1], ids[1], seeds[1]) | ...].

        tables: (nV, w) each, of one dtype.  ids: (n,) each.  Y: (n, sum of all w).
        """
        if not len(tables) == len(ids) == len(seeds):
            raise ShapeError(
                f"hash_embeds: got {len(tables)} tables, {len(ids)} arrays of ids and {len(seeds)} seeds; "
                "give as many of each"
            )
        parts = [self.hash_embed(*one)[0] for one in zip(tables, ids, seeds)]
        return self.xp.concatenate(parts, axis=1)
