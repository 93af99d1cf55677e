"""Update parameters from their gradients.

An optimizer is called once per parameter and step, with a key that names the parameter, and
holds what must last between steps: moments, averages, counts, settings that follow schedules.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import numpy

from .._schedule import Schedule
from ..backends import get_array_ops, get_ops
from ..serialization.packing import dumps
from ..types import FloatsXd
from .groups import ParamGroup
from .settings import FloatOrSeq, Setting, Settings
from .state import check_state, load_state, pack_state
from .steps import RULES
from .updates import Updates

KeyT = tuple[int, str]


def setting(name: str, doc: str) -> Setting:
    """An attribute that reads a float, and takes a number or anything with a next value."""

    def read(optimizer: "Optimizer") -> float:
        return optimizer.settings.values[name]

    def assign(optimizer: "Optimizer", value: Any) -> None:
        optimizer.settings.put(name, value, optimizer.step)

    return property(read, assign, doc=doc)


class Optimizer:
    """Hold the settings, moments, averages and counts of a training run.

    grad_clip, learn_rate, b1, b2, eps, L2: floats. Assign a number, or a list, iterator,
    Schedule or function of (step, last_score), whose next value `step_schedules` takes; the
    steps of what is assigned later count from there.
    averages: key -> running average of the weights, or None for no averages.
    rule: the name of a step in `RULES`; "adam" with b2 = 0 is "sgd".
    averaging: `(ops, average, weights, t)`, which updates an average in place; see EMA and SWA.
    lookahead: (k, α) of `Lookahead`, with its slow weights in `slow`, or None.
    """

    __slots__ = (
        "mom1", "mom2", "slow", "averages", "nr_update", "last_seen", "rule", "L2_is_weight_decay",
        "groups", "averaging", "lookahead", "settings", "_step", "_last_score",
    )  # fmt: skip

    grad_clip: Setting = setting("grad_clip", "The largest norm of a parameter's gradient; 0 for no limit.")
    learn_rate: Setting = setting("learn_rate", "How far a step goes.")
    b1: Setting = setting("b1", "β1, how slowly the first moment (momentum) changes, in [0, 1).")
    b2: Setting = setting("b2", "β2, how slowly the second moment changes, in [0, 1).")
    eps: Setting = setting("eps", "ε, what keeps a division from one by zero.")
    L2: Setting = setting("L2", "How strongly weights are drawn to zero.")

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
        rule: str | None = None,
    ):
        """ValueError: a setting is neither a number nor a non-empty sequence of numbers, or an unknown rule."""
        if rule is not None and rule not in RULES:
            raise ValueError(f"Optimizer: there is no rule {rule!r}. Choose from {', '.join(RULES)}.")
        self._step = 0
        self._last_score: tuple[int, float] | None = None
        self.mom1: dict[KeyT, FloatsXd] = {}
        self.mom2: dict[KeyT, FloatsXd] = {}
        self.slow: dict[KeyT, FloatsXd] = {}
        self.averages: dict[KeyT, FloatsXd] | None = {} if use_averages else None
        self.nr_update: dict[KeyT, int] = defaultdict(int)
        self.last_seen: dict[KeyT, int] = defaultdict(int)  # Compatibility: never used
        self.settings = Settings()
        self.groups: list[ParamGroup] = []
        self.grad_clip, self.learn_rate, self.L2 = grad_clip, learn_rate, L2
        self.b1, self.b2, self.eps = beta1, beta2, eps
        self.rule = rule or ("radam" if use_radam else "adam")
        self.L2_is_weight_decay = L2_is_weight_decay
        self.averaging: Callable | None = None
        self.lookahead: tuple[int, float] | None = None

    def __call__(
        self, key: KeyT, weights: FloatsXd, gradient: FloatsXd, *, lr_scale: float = 1.0
    ) -> tuple[FloatsXd, FloatsXd]:
        """Update `weights` in place and set `gradient` to zero; return both.

        weights, gradient: arrays of one shape. A gradient without rows changes nothing.
        """
        self.update_many([(key, weights, gradient)], lr_scale=lr_scale)
        return weights, gradient

    def update_many(self, parameters: Iterable[tuple[KeyT, FloatsXd, FloatsXd]], *, lr_scale: float = 1.0) -> None:
        """Do for each (key, weights, gradient) what a call does, with one call of the kernels for all.

        Where one is refused, those before it are updated, and it and those after it are as they were.
        """
        updates = Updates(self, lr_scale)
        try:
            for key, weights, gradient in parameters:
                updates.add(key, weights, gradient)
        finally:
            updates.run()

    @property
    def step(self) -> int:
        """How often `step_schedules` was called."""
        return self._step

    @property
    def schedules(self) -> dict[str, Schedule]:
        """Setting -> the schedule that it follows."""
        return self.settings.schedules

    @property
    def use_radam(self) -> bool:
        """Is the rule that of RAdam?"""
        return self.rule == "radam"

    @use_radam.setter
    def use_radam(self, value: bool) -> None:
        self.rule = "radam" if value else "adam" if self.rule == "radam" else self.rule

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
        for settings in (self.settings, *(group.settings for group in self.groups)):
            settings.advance(self._step, self._last_score)

    def add_group(self, model: Any, pattern: str, **settings: Any) -> ParamGroup:
        """Other settings for the parameters of `model` whose paths fit `pattern`.

        pattern: see `Model.find_params`. settings: learn_rate, L2, grad_clip, beta1, beta2,
        momentum or eps instead of the optimizer's own, each a number or schedule; or lr_scale, a factor
        of the learning rate. Of several groups with one parameter the last one wins.
        ValueError: no parameter fits, or a setting is unknown.
        """
        group = ParamGroup(set(model.find_params(pattern).values()), settings, self._step)
        self.groups.append(group)
        return group

    def forget(self, key: KeyT) -> None:
        """Drop all that is held for a parameter, as if it had never been updated."""
        for held in (self.mom1, self.mom2, self.slow, self.averages or {}, self.nr_update):
            held.pop(key, None)

    def to_bytes(self, model: Any = None) -> bytes:
        """Everything that lasts between steps, with the positions of the schedules.

        model: saves each parameter's state by its place in this tree, so that the ids of the
        loading process don't matter; what belongs to no parameter of the tree is left out.
        Without it the keys hold the ids of the models: build them in the same order on loading.
        """
        return dumps(pack_state(self, model))

    def from_bytes(self, data: bytes, model: Any = None) -> "Optimizer":
        """Go on where the optimizer that wrote `data` stood.

        model: a tree of the same form as the one given to `to_bytes`, if one was.
        LoadError: `data` is damaged, or has other schedules or groups than this optimizer
        has, or doesn't fit the model; the optimizer is as it was.
        """
        load_state(self, check_state(self, data, model), model)
        return self

    def to_gpu(self) -> None:
        """Move the moments and averages to the GPU."""
        self._move(get_ops("cupy").asarray)

    def to_cpu(self) -> None:
        """Move the moments and averages to main memory."""
        self._move(lambda array: get_array_ops(array).to_numpy(array))

    def _settings_of(self, key: KeyT) -> dict[str, float]:
        """The optimizer's settings, overruled by those of the groups that have the key."""
        if not self.groups:
            return self.settings.values
        values = dict(self.settings.values)
        for group in self.groups:
            if key in group.keys:
                values.update(group.settings.values)
        return values

    def _update(self, ops, key: KeyT, w, g, settings: dict[str, float], lr_scale: float) -> None:
        """Decay, clip and step, where no kernel does: all that changes the weights."""
        L2, grad_clip = settings["L2"], settings["grad_clip"]
        rate = settings["learn_rate"] * lr_scale * settings.get("lr_scale", 1.0)
        rule = RULES[self.rule]
        if L2 != 0 and not self.L2_is_weight_decay:
            g += L2 * w
        if grad_clip:
            g = ops.clip_gradient(g, grad_clip)
        decay = rate * L2 if self.L2_is_weight_decay else 0.0
        if decay and rule.decays_first:
            w -= decay * w
        m = self._held(ops, self.mom1, key, (w.size,), w.dtype)
        assert rule.step is not None  # the kernels do the others
        rule.step(ops, w.reshape(-1), g.reshape(-1), m, rate=rate, beta1=settings["b1"], beta2=settings["b2"])
        if decay and not rule.decays_first:
            w -= decay * w

    def _follow(self, ops, key: KeyT, w) -> None:
        """Let slow weights lead and averages follow the updated weights."""
        t = self.nr_update[key]
        if self.lookahead and t % self.lookahead[0] == 0:
            slow = self._held(ops, self.slow, key, w.shape, w.dtype)
            slow += self.lookahead[1] * (w - slow)
            w[...] = slow
        if self.averages is not None:
            average = self._held(ops, self.averages, key, w.shape, w.dtype)
            if self.averaging is None:
                ops.update_averages(average, w, t)
            else:
                self.averaging(ops, average, w, t)

    @staticmethod
    def _held(ops, held: dict[KeyT, FloatsXd], key: KeyT, shape, dtype) -> FloatsXd:
        """The array held for `key`, on the device of `ops`; zeros at first sight."""
        if key not in held:
            held[key] = ops.alloc(shape, dtype=dtype)
        elif ops.xp is not numpy or type(held[key]) is not numpy.ndarray:  # the model may have moved meanwhile
            held[key] = ops.asarray(held[key])
        return held[key]

    def _move(self, move) -> None:
        for held in (self.mom1, self.mom2, self.slow, self.averages or {}):
            for key, array in held.items():
                held[key] = move(array)
