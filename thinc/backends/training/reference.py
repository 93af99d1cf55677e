"""Primitives of training in plain array operations."""

from typing import Any

from ...errors import ShapeError
from ...types import Floats1d, FloatsXd, FloatsXdT, Shape
from ..arrays.reference import Arrays


class Training(Arrays):
    """Dropout masks, Adam, clipping, moving averages, log loss."""

    def get_dropout_mask(self, shape: Shape, drop: float | None) -> FloatsXd:
        """0 with probability `drop`, else 1 / (1 - drop), as float32.

        drop: None or a probability; <= 0 gives ones, >= 1 gives zeros.
        Srivastava et al. 2014, JMLR 15, with inverted scaling.
        """
        if drop is None or drop <= 0:
            return self.xp.ones(shape, dtype="float32")
        if drop >= 1.0:
            return self.alloc(shape)
        coin_flips = self.xp.random.uniform(0.0, 1.0, shape)
        mask = (coin_flips >= drop) / (1.0 - drop)
        return self.asarray(mask, dtype="float32")

    def adam(
        self,
        weights: Floats1d,
        gradient: Floats1d,
        mom1: Floats1d,
        mom2: Floats1d,
        beta1: float,
        beta2: float,
        eps: float,
        learn_rate: float,
        mod_rate: float = 1.0,
    ) -> tuple[Floats1d, Floats1d, Floats1d, Floats1d]:
        """One Adam step; changes weights, mom1 and mom2 in place, and sets the gradient to zero.

        m1 = β1·m1 + (1-β1)·g;  m2 = β2·m2 + (1-β2)·g²;  w -= η·m1 / (mod_rate·√m2 + ε).
        The caller corrects the learning rate η for bias.
        Kingma & Ba 2015, arXiv:1412.6980, section 2, last paragraph.
        """
        shapes = [array.shape for array in (weights, gradient, mom1, mom2)]
        if any(shape != shapes[0] for shape in shapes):
            raise ShapeError(
                "adam: weights, gradient, mom1 and mom2 have the shapes "
                f"{', '.join(map(str, shapes))}. They have to be the same."
            )
        # The coefficients become Python floats: a float64 scalar would widen float32 arrays.
        beta1, beta2, learn_rate = float(beta1), float(beta2), float(learn_rate)
        mom1 *= beta1
        mom1 += gradient * (1.0 - beta1)
        mom2 *= beta2
        mom2 += gradient * gradient * (1.0 - beta2)
        weights -= learn_rate * (mom1 / (float(mod_rate) * self.xp.sqrt(mom2) + float(eps)))
        gradient.fill(0.0)
        return weights, gradient, mom1, mom2

    def clip_gradient(self, gradient: FloatsXdT, threshold: float) -> FloatsXdT:
        """Scale the gradient to the norm `threshold` if its norm is larger.

        In place where the memory can be written. Pascanu et al. 2013, arXiv:1211.5063, alg. 1.
        """
        # The norm of many float16 values overflows float16.
        dtype = "float32" if gradient.dtype == "float16" else gradient.dtype
        norm = float(self.xp.linalg.norm(gradient.astype(dtype).ravel()))
        if norm == 0.0 or not norm >= threshold:
            return gradient
        writable = getattr(gradient.flags, "writeable", True)
        if not writable:
            shorter: Any = gradient * float(threshold / norm)  # of the same rank
            return shorter
        gradient *= float(threshold / norm)
        return gradient

    def update_averages(self, ema: FloatsXd, weights: FloatsXd, t: int, max_decay: float = 0.9999) -> None:
        """ema -= (1 - decay)·(ema - weights), in place; decay = min((1+t) / (10+t), max_decay)."""
        decay = min((1.0 + float(t)) / (10.0 + float(t)), float(max_decay))
        ema -= (1.0 - decay) * (ema - weights)

    def _step_weights(self, rows: list[tuple]) -> bool:
        """One update of each parameter; changes the arrays in place, gradients to 0.

        Each row: (w, g, m1, m2, average, numbers), where many rows may have the same
        numbers = (rule, clip, L2, before, after, beta1, beta2, rate, eps, follow).
        g += L2·w, scaled to the norm `clip` if that is not 0 and the norm is larger;  w −= before·w;
        m1 = β1·m1 + (1−β1)·g;  m2 = β2·m2 + (1−β2)·g²;  w −= rate · d, where d is g for the rule
        "sgd", m1 / (√m2 + ε) for "adam", m1 for "first_moment";  w −= after·w;
        average −= follow·(average − w), unless it is None.
        """
        for w, g, m1, m2, average, numbers in rows:
            rule, clip, L2, before, after, beta1, beta2, rate, eps, follow = numbers
            grad = g.ravel() + L2 * w.ravel() if L2 else g.ravel()
            grad = self.clip_gradient(grad.copy(), clip) if clip else grad
            flat = w.ravel()
            if before:
                flat = flat - before * flat
            if rule != "sgd":
                m1 *= beta1
                m1 += (grad * (1.0 - beta1)).reshape(m1.shape)
                m2 *= beta2
                m2 += (grad * grad * (1.0 - beta2)).reshape(m2.shape)
                grad = m1.ravel() if rule == "first_moment" else m1.ravel() / (self.xp.sqrt(m2.ravel()) + eps)
            flat = flat - rate * grad
            w[...] = (flat - after * flat if after else flat).reshape(w.shape)
            g.fill(0)
            if average is not None:
                average -= follow * (average - w)
        return True

    def logloss(self, y_true: FloatsXd, y_pred: FloatsXd) -> float:
        """-(y·log(p + 1e-8) + (1-y)·log(1 - p + 1e-8)) for every element; p in [0, 1]."""
        log_yes = self.xp.log(y_pred + 1e-8)
        log_no = self.xp.log((1 - y_pred) + 1e-8)
        return -(y_true * log_yes + (1 - y_true) * log_no)

    def cblas(self) -> Any:
        """The table of C functions that compiled packages call; the reference has none."""
        raise NotImplementedError(
            f"cblas: {type(self).__name__} has no C functions to hand out; "
            "use NumpyOps of a thinc that was built with a C++ compiler"
        )
