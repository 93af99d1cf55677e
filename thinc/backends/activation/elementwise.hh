// Run the activations over arrays: plain loops, which compilers vectorize for each instruction set.
#pragma once
#include "../_chunks.hh"
#include "functions.hh"
#include "table.hh"

#if defined(__clang__)
#define THINC_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#elif defined(__GNUC__)
#define THINC_INDEPENDENT _Pragma("GCC ivdep")
#else
#define THINC_INDEPENDENT
#endif

namespace thinc {
namespace activation {
namespace {

constexpr std::size_t GRAIN = 1 << 14;  // elements: 5 to 20 µs

template <typename T>
THINC_INLINE Options<T> read(const double* o) {
    if (o == nullptr) return {0, 0, 0, 0};
    return {T(o[0]), T(o[1]), T(o[2]), T(o[3])};
}

// Y may be X itself: each element is read before it is written, whatever the vectors' width.
template <typename F, typename T>
void forward(const T* X, T* Y, std::size_t n, const double* options) {
    in_chunks(n, GRAIN, [=](std::size_t begin, std::size_t end) {
        const Options<T> o = read<T>(options);
        THINC_INDEPENDENT
        for (std::size_t i = begin; i < end; ++i) Y[i] = F::forward(X[i], o);
    });
}

// dX may be dY or S.  S: what the operation remembers.
template <typename F, typename T>
void backward(const T* dY, const T* S, T* dX, std::size_t n, const double* options) {
    in_chunks(n, GRAIN, [=](std::size_t begin, std::size_t end) {
        const Options<T> o = read<T>(options);
        THINC_INDEPENDENT
        for (std::size_t i = begin; i < end; ++i) {
            const T d = dY[i], s = S[i];  // before any choice, or the loop is not vectorized
            dX[i] = F::backward(d, s, o);
        }
    });
}

template <typename T>
void backprop_swish(const T* dY, const T* X, const T* Y, T* dX, std::size_t n) {
    in_chunks(n, GRAIN, [=](std::size_t begin, std::size_t end) {
        THINC_INDEPENDENT
        for (std::size_t i = begin; i < end; ++i) dX[i] = Swish<T>::backward(dY[i], X[i], Y[i]);
    });
}

template <typename T>
void fill_elementwise(ActivationTable<T>& table) {
    table.forward[RELU] = forward<Relu<T>, T>;
    table.forward[CLIPPED_LINEAR] = forward<ClippedLinear<T>, T>;
    table.forward[HARD_SWISH] = forward<HardSwish<T>, T>;
    table.forward[HARD_SWISH_MOBILENET] = forward<HardSwishMobilenet<T>, T>;
    table.forward[SIGMOID] = forward<Sigmoid<T>, T>;
    table.forward[SWISH] = forward<Swish<T>, T>;
    table.forward[DISH] = forward<Dish<T>, T>;
    table.forward[GELU] = forward<Gelu<T>, T>;
    table.forward[GELU_APPROX] = forward<GeluApprox<T>, T>;
    table.forward[MISH] = forward<Mish<T>, T>;
    table.forward[ERF] = forward<Erf<T>, T>;
    table.forward[SECHSQ] = forward<SechSquared<T>, T>;
    table.forward[DSIGMOID] = forward<SigmoidSlope<T>, T>;
    table.forward[DTANH] = forward<TanhSlope<T>, T>;
    table.backward[RELU] = backward<Relu<T>, T>;
    table.backward[CLIPPED_LINEAR] = backward<ClippedLinear<T>, T>;
    table.backward[HARD_SWISH] = backward<HardSwish<T>, T>;
    table.backward[HARD_SWISH_MOBILENET] = backward<HardSwishMobilenet<T>, T>;
    table.backward[SIGMOID] = backward<Sigmoid<T>, T>;
    table.backward[DISH] = backward<Dish<T>, T>;
    table.backward[GELU] = backward<Gelu<T>, T>;
    table.backward[GELU_APPROX] = backward<GeluApprox<T>, T>;
    table.backward[MISH] = backward<Mish<T>, T>;
    table.backprop_swish = backprop_swish<T>;
}

}  // namespace
}  // namespace activation
}  // namespace thinc
