// The activations that every instruction set provides.
#pragma once
#include <cstddef>

namespace thinc {

template <typename T>
struct ActivationTable {
    void (*relu)(const T* X, T* Y, std::size_t n);
    void (*backprop_relu)(const T* dY, const T* Y, T* dX, std::size_t n);
};

}  // namespace thinc
