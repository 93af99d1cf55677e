// Elementwise activations, written once for vectors of any width.
#pragma once
#include "../_chunks.hh"
#include "../_simd.hh"
#include "table.hh"

namespace thinc {
namespace {

constexpr std::size_t CHEAP = 1 << 16;  // elements of a few instructions each: 20 µs

// Y = max(X, 0); NaN stays NaN, as in the reference.
template <typename T>
void relu(const T* X, T* Y, std::size_t n) {
    in_chunks(n, CHEAP, [=](std::size_t begin, std::size_t end) {
        map<T>(X + begin, Y + begin, end - begin,
               [](Vec<T> x) { return select<T>(x <= splat<T>(T(0)), splat<T>(T(0)), x); });
    });
}

// dX = dY where Y > 0, else 0.
template <typename T>
void backprop_relu(const T* dY, const T* Y, T* dX, std::size_t n) {
    in_chunks(n, CHEAP, [=](std::size_t begin, std::size_t end) {
        map<T>(dY + begin, Y + begin, dX + begin, end - begin,
               [](Vec<T> dy, Vec<T> y) { return select<T>(y > splat<T>(T(0)), dy, splat<T>(T(0))); });
    });
}

template <typename T>
void fill(ActivationTable<T>& table) {
    table.relu = relu<T>;
    table.backprop_relu = backprop_relu<T>;
}

}  // namespace
}  // namespace thinc
