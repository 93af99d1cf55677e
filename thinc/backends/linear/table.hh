// The matrix products that every instruction set provides.
#pragma once
#include <cstddef>
#include <cstdint>

namespace thinc {

// C = A · B, or C += A · B if `add`.  A: (M, K), B: (K, N), with any strides (in numbers).
// C: (M, N), its rows contiguous and `ldc` apart.
template <typename T>
struct Product {
    T* C;
    std::ptrdiff_t ldc;
    const T* A;
    std::ptrdiff_t ars, acs;
    const T* B;
    std::ptrdiff_t brs, bcs;
    std::size_t M, N, K;
    const T* bias;  // (N,), added to every row, or null
    bool add;
    // Applied to C when a block of rows is ready, while it is in the cache: Y = finish(C), where
    // Y is as dense as C and may be C.  Null for nothing.
    void (*finish)(const T* Z, T* Y, std::size_t n, const double* options);
    T* Y;
    const double* options;
};

// Y[m, o] = max over p of X[m] · W[o, p] + b[o, p]; which: the first best p.  Y, which: dense.
template <typename T>
struct MaxoutProduct {
    T* Y;
    std::int32_t* which;  // or null
    const T* X;
    std::ptrdiff_t xrs, xcs;
    const T* W;  // (nO, nP, nI), dense
    const T* b;  // (nO, nP), dense
    std::size_t M, nO, nP, nI;
};

// Y = X + layernorm(best), with the best pieces of the product for windows of 2 nW + 1 rows of X, zeros
// beyond its ends.  X, Y: (M, nO), dense, without a common byte; G, shift: (nO,).  Of the product are
// used W, b, nP and the sizes M, nO and nI = nO (2 nW + 1).
template <typename T>
struct WindowProduct {
    MaxoutProduct<T> maxout;
    const T *G, *shift;
    T epsilon;
    std::size_t nW;
};

// The way back, with `which` of the way there: dX is written, dW and db are added to.  X: (M, nI), its rows
// contiguous and xrs apart; dY, which: (M, nO); W, dW: (nO, nP, nI); db: (nO, nP); dX: (M, nI); dense.
template <typename T>
struct MaxoutGradient {
    const T* dY;
    const std::int32_t* which;
    const T* X;
    std::ptrdiff_t xrs;
    const T* W;
    T *dW, *db, *dX;
    std::size_t M, nO, nP, nI;
};

// Products give false if there is no memory; then nothing is written, but for dW and db.
template <typename T>
struct LinearTable {
    bool (*gemm)(const Product<T>& product);
    bool (*maxout)(const MaxoutProduct<T>& product);
    bool (*predict_maxout)(const MaxoutProduct<T>& product);
    bool (*encode_windows)(const WindowProduct<T>& product);
    bool (*backprop_maxout)(const MaxoutGradient<T>& gradient);
    bool (*are_below)(const std::int32_t* numbers, std::size_t n, std::int32_t limit);
    void (*add_column_sums)(const T* X, T* sums, std::size_t rows, std::size_t columns);
};

}  // namespace thinc
