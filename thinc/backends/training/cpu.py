"""Steps of training in compiled calls, among them one for all parameters of a model."""

from .._accelerate import accelerates, kernels, replaces
from .reference import Training


class CpuTraining(Training):
    """See `Training` for the formulas."""

    @accelerates(Training._step_weights)
    def _step_weights(self, rows):
        return kernels.step_weights(rows)

    @replaces(Training.adam)
    def adam(self, weights, gradient, mom1, mom2, beta1, beta2, eps, learn_rate, mod_rate=1.0):
        arrays, rates = (weights, gradient, mom1, mom2), (beta1, beta2, eps, learn_rate, mod_rate)
        done = kernels.adam(*arrays, *rates)
        return Training.adam(self, *arrays, *rates) if done is NotImplemented else done

    @replaces(Training.clip_gradient)
    def clip_gradient(self, gradient, threshold):
        clipped = kernels.clip_gradient(gradient, threshold)
        return Training.clip_gradient(self, gradient, threshold) if clipped is NotImplemented else clipped

    @replaces(Training.update_averages)
    def update_averages(self, ema, weights, t, max_decay=0.9999):
        if kernels.update_averages(ema, weights, t, max_decay) is NotImplemented:
            Training.update_averages(self, ema, weights, t, max_decay)

    @replaces(Training.logloss)
    def logloss(self, y_true, y_pred):
        loss = kernels.logloss(y_true, y_pred)
        return Training.logloss(self, y_true, y_pred) if loss is NotImplemented else loss
