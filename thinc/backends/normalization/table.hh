// Layer normalization, as every instruction set provides it.
#pragma once
#include <cstddef>

namespace thinc {

// X, Y: (n, w).  G, b: (w,).  mu, s: (n,).  scratch: (2, w).
template <typename T>
struct NormalizationTable {
    void (*layernorm)(const T* X, const T* G, const T* b, T* Y, T* mu, T* s, std::size_t n, std::size_t w, T epsilon);
    void (*backprop_layernorm)(const T* dY, const T* X, const T* mu, const T* s, const T* G, T* dX, T* dG, T* db,
                               T* scratch, std::size_t n, std::size_t w);
};

}  // namespace thinc
