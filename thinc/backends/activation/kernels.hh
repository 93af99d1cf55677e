// Elementwise activations as plain loops that compilers vectorize.
#pragma once
#include <cstddef>

namespace thinc {

// Y = max(X, 0); NaN stays NaN, as in the reference.
template <typename T>
inline void relu(const T* X, T* Y, std::size_t n) noexcept {
    for (std::size_t i = 0; i < n; ++i) {
        const T x = X[i];
        Y[i] = x <= T(0) ? T(0) : x;
    }
}

// dX = dY where Y > 0, else 0.  dY is loaded before the choice, or the loop is not vectorized.
template <typename T>
inline void backprop_relu(const T* dY, const T* Y, T* dX, std::size_t n) noexcept {
    for (std::size_t i = 0; i < n; ++i) {
        const T d = dY[i];
        dX[i] = Y[i] > T(0) ? d : T(0);
    }
}

}  // namespace thinc
