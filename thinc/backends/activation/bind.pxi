# Activations: one call allocates, computes and returns.

cdef extern from "_cpu_dispatch.hh" namespace "thinc::activation" nogil:
    cdef enum Function:
        RELU, CLIPPED_LINEAR, HARD_SWISH, HARD_SWISH_MOBILENET, SIGMOID, DISH, GELU, GELU_APPROX, MISH
        SWISH, ERF, SECHSQ, DSIGMOID, DTANH

cdef extern from "_cpu_dispatch.hh" namespace "thinc" nogil:
    cdef cppclass ActivationTable[T]:
        void (*forward[14])(const T* X, T* Y, size_t n, const double* options) noexcept
        void (*backward[9])(const T* dY, const T* S, T* dX, size_t n, const double* options) noexcept
        void (*backprop_swish)(const T* dY, const T* X, const T* Y, T* dX, size_t n) noexcept
        void (*softmax)(const T* X, T* Y, size_t rows, size_t width, T temperature) noexcept
        void (*backprop_softmax)(const T* Y, const T* dY, T* dX, size_t rows, size_t width, T temperature) noexcept
        void (*maxout)(const T* X, T* best, int* which, size_t n, int P) noexcept
        bint (*backprop_maxout)(const T* dY, const int* which, T* dX, size_t n, int P) noexcept
    ActivationTable[float] activation32 "thinc::table.f32.activation"
    ActivationTable[double] activation64 "thinc::table.f64.activation"


cdef object forward(int function, object X, bint inplace, const double* options = NULL):
    """Y = function(X), in X itself if `inplace`."""
    if not inplace:
        X = compact(X)
    cdef int dtype = floats(X)
    if dtype == OTHER or (inplace and not is_writeable(X)):
        return NotImplemented
    cdef cnp.ndarray Y = X if inplace else empty_like(X)
    cdef size_t n = size_of(Y)
    cdef void* x = data_of(X)
    cdef void* y = data_of(Y)
    cdef PyThreadState* state = release(n)
    if dtype == F32:
        activation32.forward[function](<const float*>x, <float*>y, n, options)
    else:
        activation64.forward[function](<const double*>x, <double*>y, n, options)
    regain(state)
    return Y


cdef object backward(int function, object dY, object S, object out, const double* options = NULL):
    """dX = dY · slope of the function at S, into `out` unless that is None."""
    if out is None:
        dY = compact(dY)
        S = compact(S)
    cdef int dtype = floats(dY)
    if dtype == OTHER or not alike(dY, S):
        return NotImplemented
    if out is not None and (not is_writeable(out) or overlap(dY, S)):
        return NotImplemented
    cdef cnp.ndarray dX = empty_like(dY) if out is None else out
    cdef size_t n = size_of(dX)
    cdef void* dy = data_of(dY)
    cdef void* s = data_of(S)
    cdef void* dx = data_of(dX)
    cdef PyThreadState* state = release(n)
    if dtype == F32:
        activation32.backward[function](<const float*>dy, <const float*>s, <float*>dx, n, options)
    else:
        activation64.backward[function](<const double*>dy, <const double*>s, <double*>dx, n, options)
    regain(state)
    return dX


def relu(X, bint inplace=False):
    return forward(RELU, X, inplace)


def sigmoid(X, bint inplace=False):
    return forward(SIGMOID, X, inplace)


def swish(X, bint inplace=False):
    return forward(SWISH, X, inplace)


def dish(X, bint inplace=False):
    return forward(DISH, X, inplace)


def gelu(X, bint inplace=False):
    return forward(GELU, X, inplace)


def gelu_approx(X, bint inplace=False):
    return forward(GELU_APPROX, X, inplace)


def hard_swish(X, bint inplace=False):
    return forward(HARD_SWISH, X, inplace)


def hard_swish_mobilenet(X, bint inplace=False):
    return forward(HARD_SWISH_MOBILENET, X, inplace)


def erf(X):
    return forward(ERF, X, False)


def sechsq(X):
    return forward(SECHSQ, X, False)


def dsigmoid(Y, bint inplace=False):
    return forward(DSIGMOID, Y, inplace)


def dtanh(Y, bint inplace=False):
    return forward(DTANH, Y, inplace)


def mish(X, double threshold=20.0, bint inplace=False):
    cdef double[4] options = [0, 0, 0, threshold]
    return forward(MISH, X, inplace, options)


def clipped_linear(X, double slope, double offset, double low, double high, bint inplace=False):
    cdef double[4] options = [slope, offset, low, high]
    return forward(CLIPPED_LINEAR, X, inplace, options)


def backprop_relu(dY, Y, bint inplace=False):
    return backward(RELU, dY, Y, dY if inplace else None)


def backprop_sigmoid(dY, Y, bint inplace=False):
    return backward(SIGMOID, dY, Y, Y if inplace else None)


def backprop_dish(dY, X, bint inplace=False):
    return backward(DISH, dY, X, dY if inplace else None)


def backprop_gelu(dY, X, bint inplace=False):
    return backward(GELU, dY, X, dY if inplace else None)


def backprop_gelu_approx(dY, X, bint inplace=False):
    return backward(GELU_APPROX, dY, X, dY if inplace else None)


def backprop_hard_swish(dY, X, bint inplace=False):
    return backward(HARD_SWISH, dY, X, dY if inplace else None)


def backprop_hard_swish_mobilenet(dY, X, bint inplace=False):
    return backward(HARD_SWISH_MOBILENET, dY, X, dY if inplace else None)


def backprop_mish(dY, X, double threshold=20.0, bint inplace=False):
    cdef double[4] options = [0, 0, 0, threshold]
    return backward(MISH, dY, X, dY if inplace else None, options)


def backprop_clipped_linear(dY, X, double slope, double offset, double low, double high, bint inplace=False):
    # The corners on the axis of X; with slope 0 nothing lies between them.
    cdef double a = 1, b = 0
    if slope != 0:
        a, b = (low - offset) / slope, (high - offset) / slope
        if a > b:
            a, b = b, a
    cdef double[4] options = [slope, 0, a, b]
    return backward(CLIPPED_LINEAR, dY, X, dY if inplace else None, options)


def backprop_swish(dY, X, Y, bint inplace=False):
    if not inplace:
        dY, X, Y = compact(dY), compact(X), compact(Y)
    cdef int dtype = floats(dY)
    if dtype == OTHER or not alike(dY, X) or not alike(dY, Y):
        return NotImplemented
    if inplace and (not is_writeable(dY) or overlap(dY, X) or overlap(dY, Y)):
        return NotImplemented
    cdef cnp.ndarray dX = dY if inplace else empty_like(dY)
    cdef size_t n = size_of(dX)
    cdef void* dy = data_of(dY)
    cdef void* x = data_of(X)
    cdef void* y = data_of(Y)
    cdef void* dx = data_of(dX)
    cdef PyThreadState* state = release(n)
    if dtype == F32:
        activation32.backprop_swish(<const float*>dy, <const float*>x, <const float*>y, <float*>dx, n)
    else:
        activation64.backprop_swish(<const double*>dy, <const double*>x, <const double*>y, <double*>dx, n)
    regain(state)
    return dX
