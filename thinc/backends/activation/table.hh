// The activations that every instruction set provides.
#pragma once
#include <cstddef>
#include <cstdint>

namespace thinc {
namespace activation {

// Places in the two rows of functions of one number.
enum Function {
    RELU, CLIPPED_LINEAR, HARD_SWISH, HARD_SWISH_MOBILENET, SIGMOID, DISH, GELU, GELU_APPROX, MISH,
    SWISH, ERF, SECHSQ, DSIGMOID, DTANH,
    FORWARDS, BACKWARDS = SWISH
};

}  // namespace activation

// options: slope, offset, low, high for the functions that need them, else null.
template <typename T>
struct ActivationTable {
    void (*forward[activation::FORWARDS])(const T* X, T* Y, std::size_t n, const double* options);
    void (*backward[activation::BACKWARDS])(const T* dY, const T* S, T* dX, std::size_t n,
                                            const double* options);
    void (*backprop_swish)(const T* dY, const T* X, const T* Y, T* dX, std::size_t n);
    void (*softmax)(const T* X, T* Y, std::size_t rows, std::size_t width, T temperature);
    void (*backprop_softmax)(const T* Y, const T* dY, T* dX, std::size_t rows, std::size_t width, T temperature);
    void (*maxout)(const T* X, T* best, std::int32_t* which, std::size_t n, int P);
    bool (*backprop_maxout)(const T* dY, const std::int32_t* which, T* dX, std::size_t n, int P);
};

}  // namespace thinc
