"""Settings of their own for some parameters."""

from typing import Any

from .settings import Settings

NAMES = {"beta1": "b1", "beta2": "b2", "momentum": "b1"}  # constructor -> setting
ALLOWED = ("grad_clip", "learn_rate", "b1", "b2", "eps", "L2", "lr_scale")


class ParamGroup:
    """Some parameters, by their keys, and what is different for them.

    settings: values for any of `ALLOWED`. lr_scale multiplies the learning rate, also a
    scheduled one; learn_rate replaces it.
    """

    __slots__ = ("keys", "settings")

    def __init__(self, keys: set[tuple[int, str]], settings: dict[str, Any], step: int = 0):
        """ValueError: a setting is unknown, or is no number or schedule."""
        self.keys, self.settings = set(keys), Settings()
        for name, value in settings.items():
            own = NAMES.get(name, name)
            if own not in ALLOWED:
                known = ", ".join(sorted({*ALLOWED, *NAMES} - {"b1", "b2"}))
                raise ValueError(f"Optimizer.add_group: there is no setting '{name}'. Choose from {known}.")
            self.settings.put(own, value, step)
