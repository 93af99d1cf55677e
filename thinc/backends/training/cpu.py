"""The update of weights in one compiled call for all parameters."""

from .._accelerate import accelerates, kernels
from .reference import Training


class CpuTraining(Training):
    """See `Training` for the formulas."""

    @accelerates(Training._step_weights)
    def _step_weights(self, rows):
        return kernels.step_weights(rows)
