# Activations: one call allocates, computes and returns.

cdef extern from "_cpu_dispatch.hh" namespace "thinc" nogil:
    cdef cppclass ActivationTable[T]:
        void (*relu)(const T* X, T* Y, size_t n) noexcept
        void (*backprop_relu)(const T* dY, const T* Y, T* dX, size_t n) noexcept
    ActivationTable[float] activation32 "thinc::table.f32.activation"
    ActivationTable[double] activation64 "thinc::table.f64.activation"


def relu(X, bint inplace=False):
    """Y = max(X, 0)."""
    return run_map(X, inplace, 1, activation32.relu, activation64.relu)


def backprop_relu(dY, Y, bint inplace=False):
    """dX = dY where Y > 0, else 0."""
    return run_zip(dY, Y, inplace, 1, activation32.backprop_relu, activation64.backprop_relu)
