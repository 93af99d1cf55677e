"""Update parameters from their gradients.

An optimizer is called once per parameter and step, with a key that names the parameter, and
holds what must last between steps: moments, averages, counts, settings that follow schedules.
"""

from collections import defaultdict
from numbers import Real
from typing import Any

from ._optimizer_state import check_state, pack_state, read_key, unpack_arrays
from ._optimizer_steps import adam_step, radam_step
from ._schedule import Schedule, ScheduleEnd, as_schedule
from .backends import get_array_ops, get_ops
from .config import registry
from .serialization.msgpack import dumps
from .types import FloatsXd, Generator

__all__ = ["Adam", "RAdam", "SGD", "Optimizer", "ADAM_DEFAULTS", "SGD_DEFAULTS"]

KeyT = tuple[int, str]
FloatOrSeq = float | list[float] | Generator
IntOrSeq = int | list[int] | Generator

SGD_DEFAULTS: dict[str, float | bool | int] = {
    "L2": 0.0,
    "L2_is_weight_decay": True,
    "grad_clip": 1.0,
}

ADAM_DEFAULTS: dict[str, float | bool | int] = {
    "learn_rate": 0.001,
    "beta1": 0.9,
    "beta2": 0.999,
    "eps": 1e-08,
    "L2": 0.0,
    "grad_clip": 1.0,
    "L2_is_weight_decay": True,
}

SETTINGS = ("grad_clip", "learn_rate", "b1", "b2", "eps", "L2")


@registry.optimizers("RAdam.v1")
def RAdam(
    learn_rate: FloatOrSeq = ADAM_DEFAULTS["learn_rate"],
    *,
    beta1: FloatOrSeq = ADAM_DEFAULTS["beta1"],
    beta2: FloatOrSeq = ADAM_DEFAULTS["beta2"],
    eps: FloatOrSeq = ADAM_DEFAULTS["eps"],
    L2: FloatOrSeq = ADAM_DEFAULTS["L2"],
    L2_is_weight_decay: bool = True,
    grad_clip: FloatOrSeq = ADAM_DEFAULTS["grad_clip"],
    use_averages: bool = True,
) -> "Optimizer":
    """Adam with the rectified step of Liu et al. 2020, arXiv:1908.03265."""
    return Optimizer(
        learn_rate,
        beta1=beta1,
        beta2=beta2,
        eps=eps,
        grad_clip=grad_clip,
        L2_is_weight_decay=L2_is_weight_decay,
        L2=L2,
        use_averages=use_averages,
        use_radam=True,
    )


@registry.optimizers("Adam.v1")
def Adam(
    learn_rate: FloatOrSeq = ADAM_DEFAULTS["learn_rate"],
    *,
    L2: FloatOrSeq = ADAM_DEFAULTS["L2"],
    beta1: FloatOrSeq = ADAM_DEFAULTS["beta1"],
    beta2: FloatOrSeq = ADAM_DEFAULTS["beta2"],
    eps: FloatOrSeq = ADAM_DEFAULTS["eps"],
    grad_clip: FloatOrSeq = ADAM_DEFAULTS["grad_clip"],
    L2_is_weight_decay: bool = True,
    use_averages: bool = True,
) -> "Optimizer":
    """Kingma and Ba 2015, arXiv:1412.6980; decay as in Loshchilov and Hutter 2019."""
    return Optimizer(
        learn_rate,
        L2=L2,
        beta1=beta1,
        beta2=beta2,
        eps=eps,
        grad_clip=grad_clip,
        L2_is_weight_decay=L2_is_weight_decay,
        use_averages=use_averages,
    )


@registry.optimizers("SGD.v1")
def SGD(
    learn_rate: FloatOrSeq,
    *,
    L2: FloatOrSeq = SGD_DEFAULTS["L2"],
    grad_clip: FloatOrSeq = SGD_DEFAULTS["grad_clip"],
    L2_is_weight_decay: bool = True,
    use_averages: bool = True,
) -> "Optimizer":
    """W −= learn_rate · dW."""
    decay = {"L2": L2, "L2_is_weight_decay": L2_is_weight_decay}
    return Optimizer(learn_rate, beta1=0.0, beta2=0.0, grad_clip=grad_clip, use_averages=use_averages, **decay)


class Optimizer:
    """Hold the settings, moments, averages and counts of a training run.

    grad_clip, learn_rate, b1, b2, eps, L2: floats, which may be assigned. A setting that was
    given as a list, an iterator or a Schedule takes its next value in `step_schedules`.
    averages: key -> running average of the weights, or None for no averages.
    """

    __slots__ = (
        "mom1",
        "mom2",
        "averages",
        "schedules",
        "nr_update",
        "last_seen",
        "grad_clip",
        "learn_rate",
        "b1",
        "b2",
        "eps",
        "L2",
        "use_radam",
        "L2_is_weight_decay",
        "_step",
        "_last_score",
    )

    def __init__(
        self,
        learn_rate: FloatOrSeq,
        *,
        L2: FloatOrSeq = 0.0,
        beta1: FloatOrSeq = 0.9,
        beta2: FloatOrSeq = 0.999,
        eps: FloatOrSeq = 1e-08,
        grad_clip: FloatOrSeq = 1.0,
        use_averages: bool = True,
        use_radam: bool = False,
        L2_is_weight_decay: bool = True,
    ):
        """ValueError: a setting is neither a number nor a non-empty sequence of numbers."""
        self._step = 0
        self._last_score: tuple[int, float] | None = None
        self.mom1: dict[KeyT, FloatsXd] = {}
        self.mom2: dict[KeyT, FloatsXd] = {}
        self.averages: dict[KeyT, FloatsXd] | None = {} if use_averages else None
        self.schedules: dict[str, Schedule] = {}
        self.nr_update: dict[KeyT, int] = defaultdict(int)
        self.last_seen: dict[KeyT, int] = defaultdict(int)  # Compatibility: never used
        values = (grad_clip, learn_rate, beta1, beta2, eps, L2)
        for name, value in zip(SETTINGS, values, strict=True):
            self._set_setting(name, value)
        self.use_radam = use_radam
        self.L2_is_weight_decay = L2_is_weight_decay

    def __call__(
        self, key: KeyT, weights: FloatsXd, gradient: FloatsXd, *, lr_scale: float = 1.0
    ) -> tuple[FloatsXd, FloatsXd]:
        """Update `weights` in place and set `gradient` to zero; return both.

        weights, gradient: arrays of one shape. A gradient without rows changes nothing.
        """
        if len(gradient) < 1:
            return weights, gradient
        ops = get_array_ops(weights)
        self.nr_update[key] += 1
        t = self.nr_update[key]
        # Low-precision weights are updated in float32, or small steps would be rounded away.
        dtype = "float64" if weights.dtype == "float64" else "float32"
        w = ops.xp.ascontiguousarray(weights, dtype=dtype)
        g = ops.xp.ascontiguousarray(gradient, dtype=dtype)
        if self.L2 != 0 and not self.L2_is_weight_decay:
            g += self.L2 * w
        if self.grad_clip:
            g = ops.clip_gradient(g, self.grad_clip)
        rate = self.learn_rate * lr_scale
        if self.use_radam:
            self._step_with(radam_step, ops, key, w, g, t, rate)
        elif self.b2 > 0:
            self._step_with(adam_step, ops, key, w, g, t, rate)
        else:
            w -= rate * g
        if self.L2 != 0 and self.L2_is_weight_decay:
            w -= rate * self.L2 * w
        gradient.fill(0.0)
        if w is not weights:
            weights[...] = w.reshape(weights.shape)
        if self.averages is not None:
            average = self._held(ops, self.averages, key, weights.shape, dtype)
            ops.update_averages(average, w, t)
        return weights, gradient

    @property
    def step(self) -> int:
        """How often `step_schedules` was called."""
        return self._step

    @property
    def last_score(self) -> tuple[int, float] | None:
        """The last score with the step at which it was given; read by `plateau`."""
        return self._last_score

    @last_score.setter
    def last_score(self, score: float) -> None:
        self._last_score = (self._step, float(score))

    def step_schedules(self) -> None:
        """Give every scheduled setting its next value; an ended schedule keeps its last."""
        self._step += 1
        for name, schedule in self.schedules.items():
            try:
                value = schedule(self._step, last_score=self._last_score)
            except ScheduleEnd:
                continue
            setattr(self, name, float(value))

    def to_bytes(self) -> bytes:
        """Everything that lasts between steps, with the positions of the schedules.

        The keys hold the ids of the models, so build the models in the same order on loading.
        """
        return dumps(pack_state(self, SETTINGS))

    def from_bytes(self, data: bytes) -> "Optimizer":
        """Go on where the optimizer that wrote `data` stood.

        LoadError: `data` is damaged, or has other schedules than this optimizer has; the
        optimizer is as it was.
        """
        state = check_state(self, SETTINGS, data)
        for name, schedule_state in state["schedules"].items():
            self.schedules[name].set_state(schedule_state)
        for name, value in state["settings"].items():
            setattr(self, name, value)
        self.use_radam = state["use_radam"]
        self.L2_is_weight_decay = state["L2_is_weight_decay"]
        self._step = state["step"]
        self._last_score = tuple(state["last_score"]) if state["last_score"] else None
        self.nr_update = defaultdict(int, {read_key(k): n for k, n in state["nr_update"]})
        self.mom1, self.mom2 = unpack_arrays(state["mom1"]), unpack_arrays(state["mom2"])
        averages = state["averages"]
        self.averages = None if averages is None else unpack_arrays(averages)
        return self

    def to_gpu(self) -> None:
        """Move the moments and averages to the GPU."""
        self._move(get_ops("cupy").asarray)

    def to_cpu(self) -> None:
        """Move the moments and averages to main memory."""
        self._move(lambda array: get_array_ops(array).to_numpy(array))

    def _step_with(self, rule, ops, key: KeyT, w, g, t: int, rate: float) -> None:
        """Apply a rule that needs moments."""
        m1 = self._held(ops, self.mom1, key, (w.size,), w.dtype)
        m2 = self._held(ops, self.mom2, key, (w.size,), w.dtype)
        settings = {"beta1": self.b1, "beta2": self.b2, "eps": self.eps}
        rule(ops, w.reshape(-1), g.reshape(-1), m1, m2, t=t, rate=rate, **settings)

    @staticmethod
    def _held(ops, held: dict[KeyT, FloatsXd], key: KeyT, shape, dtype) -> FloatsXd:
        """The array held for `key`, on the device of `ops`; zeros at first sight."""
        if key not in held:
            held[key] = ops.alloc(shape, dtype=dtype)
        elif not isinstance(held[key], ops.xp.ndarray):  # the model was moved meanwhile
            held[key] = ops.asarray(held[key])
        return held[key]

    def _move(self, move) -> None:
        for held in (self.mom1, self.mom2, self.averages or {}):
            for key, array in held.items():
                held[key] = move(array)

    def _set_setting(self, name: str, value: Any) -> None:
        """Take a number, or the first value of a schedule."""
        if isinstance(value, Real):
            setattr(self, name, float(value))
            return
        is_schedule = isinstance(value, (Schedule, list)) or hasattr(value, "__next__")
        try:
            schedule = as_schedule(value) if is_schedule else None
            first = schedule(0, last_score=None) if schedule else None
        except ScheduleEnd:
            first = None
        if not isinstance(first, Real):
            raise ValueError(
                f"Optimizer: the setting '{name}' is {value!r} of type {type(value)}. "
                "Pass a number, a schedule, or a list or iterator with at least one number."
            )
        self.schedules[name] = schedule
        setattr(self, name, float(first))
