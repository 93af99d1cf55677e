"""The activations that run on compiled loops where these can work on the arrays."""

from .._accelerate import accelerates, kernels
from .reference import Activations


class CpuActivations(Activations):
    """See `Activations` for the formulas."""

    @accelerates(Activations.relu)
    def relu(self, X, inplace=False):
        return kernels.relu(X, inplace)

    @accelerates(Activations.backprop_relu)
    def backprop_relu(self, dY, Y, inplace=False):
        return kernels.backprop_relu(dY, Y, inplace)

    @accelerates(Activations.clipped_linear)
    def clipped_linear(self, X, slope=1.0, offset=0.0, min_val=0.0, max_val=1.0, inplace=False):
        return kernels.clipped_linear(X, slope, offset, min_val, max_val, inplace)

    @accelerates(Activations.backprop_clipped_linear)
    def backprop_clipped_linear(self, dY, X, slope=1.0, offset=0.0, min_val=0.0, max_val=1.0, inplace=False):
        return kernels.backprop_clipped_linear(dY, X, slope, offset, min_val, max_val, inplace)

    @accelerates(Activations.hard_swish)
    def hard_swish(self, X, inplace=False):
        return kernels.hard_swish(X, inplace)

    @accelerates(Activations.backprop_hard_swish)
    def backprop_hard_swish(self, dY, X, inplace=False):
        return kernels.backprop_hard_swish(dY, X, inplace)

    @accelerates(Activations.hard_swish_mobilenet)
    def hard_swish_mobilenet(self, X, inplace=False):
        return kernels.hard_swish_mobilenet(X, inplace)

    @accelerates(Activations.backprop_hard_swish_mobilenet)
    def backprop_hard_swish_mobilenet(self, dY, X, inplace=False):
        return kernels.backprop_hard_swish_mobilenet(dY, X, inplace)

    @accelerates(Activations.sigmoid)
    def sigmoid(self, X, *, inplace=False):
        return kernels.sigmoid(X, inplace)

    @accelerates(Activations.backprop_sigmoid)
    def backprop_sigmoid(self, dY, Y, *, inplace=False):
        return kernels.backprop_sigmoid(dY, Y, inplace)

    @accelerates(Activations.dsigmoid)
    def dsigmoid(self, Y, *, inplace=False):
        return kernels.dsigmoid(Y, inplace)

    @accelerates(Activations.dtanh)
    def dtanh(self, Y, *, inplace=False):
        return kernels.dtanh(Y, inplace)

    @accelerates(Activations.swish)
    def swish(self, X, inplace=False):
        return kernels.swish(X, inplace)

    @accelerates(Activations.backprop_swish)
    def backprop_swish(self, dY, X, Y, inplace=False):
        return kernels.backprop_swish(dY, X, Y, inplace)

    @accelerates(Activations.dish)
    def dish(self, X, inplace=False):
        return kernels.dish(X, inplace)

    @accelerates(Activations.backprop_dish)
    def backprop_dish(self, dY, X, inplace=False):
        return kernels.backprop_dish(dY, X, inplace)

    @accelerates(Activations.erf)
    def erf(self, X):
        return kernels.erf(X)

    @accelerates(Activations.sechsq)
    def sechsq(self, X):
        return kernels.sechsq(X)

    @accelerates(Activations.gelu)
    def gelu(self, X, inplace=False):
        return kernels.gelu(X, inplace)

    @accelerates(Activations.backprop_gelu)
    def backprop_gelu(self, dY, X, inplace=False):
        return kernels.backprop_gelu(dY, X, inplace)

    @accelerates(Activations.gelu_approx)
    def gelu_approx(self, X, inplace=False):
        return kernels.gelu_approx(X, inplace)

    @accelerates(Activations.backprop_gelu_approx)
    def backprop_gelu_approx(self, dY, X, inplace=False):
        return kernels.backprop_gelu_approx(dY, X, inplace)

    @accelerates(Activations.mish)
    def mish(self, X, threshold=20.0, inplace=False):
        return kernels.mish(X, threshold, inplace)

    @accelerates(Activations.backprop_mish)
    def backprop_mish(self, dY, X, threshold=20.0, inplace=False):
        return kernels.backprop_mish(dY, X, threshold, inplace)

    @accelerates(Activations.softmax)
    def softmax(self, x, *, inplace=False, axis=-1, temperature=1.0):
        return kernels.softmax(x, inplace, axis, temperature)

    @accelerates(Activations.backprop_softmax)
    def backprop_softmax(self, Y, dY, *, axis=-1, temperature=1.0):
        return kernels.backprop_softmax(Y, dY, axis, temperature)

    @accelerates(Activations.maxout)
    def maxout(self, X):
        return kernels.maxout(X)

    @accelerates(Activations.backprop_maxout)
    def backprop_maxout(self, dY, which, P):
        return kernels.backprop_maxout(dY, which, P)
