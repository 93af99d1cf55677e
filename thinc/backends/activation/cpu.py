"""The activations that run on compiled loops where these can work on the arrays."""

from .._accelerate import kernels, replaces
from .reference import Activations


class CpuActivations(Activations):
    """See `Activations` for the formulas."""

    @replaces(Activations.relu)
    def relu(self, X, inplace=False):
        result = kernels.relu(X, inplace)
        return Activations.relu(self, X, inplace) if result is NotImplemented else result

    @replaces(Activations.backprop_relu)
    def backprop_relu(self, dY, Y, inplace=False):
        result = kernels.backprop_relu(dY, Y, inplace)
        return Activations.backprop_relu(self, dY, Y, inplace) if result is NotImplemented else result

    @replaces(Activations.clipped_linear)
    def clipped_linear(self, X, slope=1.0, offset=0.0, min_val=0.0, max_val=1.0, inplace=False):
        result = kernels.clipped_linear(X, slope, offset, min_val, max_val, inplace)
        return (
            Activations.clipped_linear(self, X, slope, offset, min_val, max_val, inplace)
            if result is NotImplemented
            else result
        )

    @replaces(Activations.backprop_clipped_linear)
    def backprop_clipped_linear(self, dY, X, slope=1.0, offset=0.0, min_val=0.0, max_val=1.0, inplace=False):
        result = kernels.backprop_clipped_linear(dY, X, slope, offset, min_val, max_val, inplace)
        return (
            Activations.backprop_clipped_linear(self, dY, X, slope, offset, min_val, max_val, inplace)
            if result is NotImplemented
            else result
        )

    @replaces(Activations.hard_swish)
    def hard_swish(self, X, inplace=False):
        result = kernels.hard_swish(X, inplace)
        return Activations.hard_swish(self, X, inplace) if result is NotImplemented else result

    @replaces(Activations.backprop_hard_swish)
    def backprop_hard_swish(self, dY, X, inplace=False):
        result = kernels.backprop_hard_swish(dY, X, inplace)
        return Activations.backprop_hard_swish(self, dY, X, inplace) if result is NotImplemented else result

    @replaces(Activations.hard_swish_mobilenet)
    def hard_swish_mobilenet(self, X, inplace=False):
        result = kernels.hard_swish_mobilenet(X, inplace)
        return Activations.hard_swish_mobilenet(self, X, inplace) if result is NotImplemented else result

    @replaces(Activations.backprop_hard_swish_mobilenet)
    def backprop_hard_swish_mobilenet(self, dY, X, inplace=False):
        result = kernels.backprop_hard_swish_mobilenet(dY, X, inplace)
        return Activations.backprop_hard_swish_mobilenet(self, dY, X, inplace) if result is NotImplemented else result

    @replaces(Activations.sigmoid)
    def sigmoid(self, X, *, inplace=False):
        result = kernels.sigmoid(X, inplace)
        return Activations.sigmoid(self, X, inplace=inplace) if result is NotImplemented else result

    @replaces(Activations.backprop_sigmoid)
    def backprop_sigmoid(self, dY, Y, *, inplace=False):
        result = kernels.backprop_sigmoid(dY, Y, inplace)
        return Activations.backprop_sigmoid(self, dY, Y, inplace=inplace) if result is NotImplemented else result

    @replaces(Activations.dsigmoid)
    def dsigmoid(self, Y, *, inplace=False):
        result = kernels.dsigmoid(Y, inplace)
        return Activations.dsigmoid(self, Y, inplace=inplace) if result is NotImplemented else result

    @replaces(Activations.dtanh)
    def dtanh(self, Y, *, inplace=False):
        result = kernels.dtanh(Y, inplace)
        return Activations.dtanh(self, Y, inplace=inplace) if result is NotImplemented else result

    @replaces(Activations.swish)
    def swish(self, X, inplace=False):
        result = kernels.swish(X, inplace)
        return Activations.swish(self, X, inplace) if result is NotImplemented else result

    @replaces(Activations.backprop_swish)
    def backprop_swish(self, dY, X, Y, inplace=False):
        result = kernels.backprop_swish(dY, X, Y, inplace)
        return Activations.backprop_swish(self, dY, X, Y, inplace) if result is NotImplemented else result

    @replaces(Activations.dish)
    def dish(self, X, inplace=False):
        result = kernels.dish(X, inplace)
        return Activations.dish(self, X, inplace) if result is NotImplemented else result

    @replaces(Activations.backprop_dish)
    def backprop_dish(self, dY, X, inplace=False):
        result = kernels.backprop_dish(dY, X, inplace)
        return Activations.backprop_dish(self, dY, X, inplace) if result is NotImplemented else result

    @replaces(Activations.erf)
    def erf(self, X):
        result = kernels.erf(X)
        return Activations.erf(self, X) if result is NotImplemented else result

    @replaces(Activations.sechsq)
    def sechsq(self, X):
        result = kernels.sechsq(X)
        return Activations.sechsq(self, X) if result is NotImplemented else result

    @replaces(Activations.gelu)
    def gelu(self, X, inplace=False):
        result = kernels.gelu(X, inplace)
        return Activations.gelu(self, X, inplace) if result is NotImplemented else result

    @replaces(Activations.backprop_gelu)
    def backprop_gelu(self, dY, X, inplace=False):
        result = kernels.backprop_gelu(dY, X, inplace)
        return Activations.backprop_gelu(self, dY, X, inplace) if result is NotImplemented else result

    @replaces(Activations.gelu_approx)
    def gelu_approx(self, X, inplace=False):
        result = kernels.gelu_approx(X, inplace)
        return Activations.gelu_approx(self, X, inplace) if result is NotImplemented else result

    @replaces(Activations.backprop_gelu_approx)
    def backprop_gelu_approx(self, dY, X, inplace=False):
        result = kernels.backprop_gelu_approx(dY, X, inplace)
        return Activations.backprop_gelu_approx(self, dY, X, inplace) if result is NotImplemented else result

    @replaces(Activations.mish)
    def mish(self, X, threshold=20.0, inplace=False):
        result = kernels.mish(X, threshold, inplace)
        return Activations.mish(self, X, threshold, inplace) if result is NotImplemented else result

    @replaces(Activations.backprop_mish)
    def backprop_mish(self, dY, X, threshold=20.0, inplace=False):
        result = kernels.backprop_mish(dY, X, threshold, inplace)
        return Activations.backprop_mish(self, dY, X, threshold, inplace) if result is NotImplemented else result

    @replaces(Activations.softmax)
    def softmax(self, x, *, inplace=False, axis=-1, temperature=1.0):
        result = kernels.softmax(x, inplace, axis, temperature)
        return (
            Activations.softmax(self, x, inplace=inplace, axis=axis, temperature=temperature)
            if result is NotImplemented
            else result
        )

    @replaces(Activations.backprop_softmax)
    def backprop_softmax(self, Y, dY, *, axis=-1, temperature=1.0):
        result = kernels.backprop_softmax(Y, dY, axis, temperature)
        return (
            Activations.backprop_softmax(self, Y, dY, axis=axis, temperature=temperature)
            if result is NotImplemented
            else result
        )

    @replaces(Activations.maxout)
    def maxout(self, X):
        result = kernels.maxout(X)
        return Activations.maxout(self, X) if result is NotImplemented else result

    @replaces(Activations.backprop_maxout)
    def backprop_maxout(self, dY, which, P):
        result = kernels.backprop_maxout(dY, which, P)
        return Activations.backprop_maxout(self, dY, which, P) if result is NotImplemented else result
