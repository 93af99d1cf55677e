// BLAS routines as plain loops, for any layout, with no state.
#pragma once

#include <algorithm>
#include <cstddef>

namespace thinc {
namespace loops {
namespace {

// Y[i * incY] += alpha * X[i * incX].  A negative step starts at the far end, as in the reference BLAS.
template <typename Float>
void add_scaled(int N, Float alpha, const Float* X, int incX, Float* Y, int incY) {
    if (incX == 1 && incY == 1) {
        for (int i = 0; i < N; ++i) Y[i] += alpha * X[i];
        return;
    }
    const std::ptrdiff_t stepX = incX, stepY = incY;
    if (stepX < 0) X -= (N - 1) * stepX;
    if (stepY < 0) Y -= (N - 1) * stepY;
    for (int i = 0; i < N; ++i) Y[i * stepY] += alpha * X[i * stepX];
}

constexpr int WIDTH = 16;    // columns of C in registers
constexpr int DEPTH = 256;   // rows of op(B) packed at a time: 16 KiB, half of a usual L1 cache

// panel[k][j] = op(B)[k][j], zero beyond the last column.
inline void pack(bool trans, const float* B, std::ptrdiff_t ldb, int depth, int width, float* panel) {
    for (int k = 0; k < depth; ++k)
        for (int j = 0; j < WIDTH; ++j)
            panel[k * WIDTH + j] = j >= width ? 0.0f : trans ? B[j * ldb + k] : B[k * ldb + j];
}

// One row of C, WIDTH columns: C += alpha * A[row] @ panel.  The compiler keeps `sum` in vector registers.
inline void add_row(const float* A, std::ptrdiff_t step, int depth, int width, float alpha, const float* panel,
                    float* C) {
    float sum[WIDTH] = {0};
    for (int k = 0; k < depth; ++k) {
        const float a = A[k * step];
        for (int j = 0; j < WIDTH; ++j) sum[j] += a * panel[k * WIDTH + j];
    }
    for (int j = 0; j < width; ++j) C[j] += alpha * sum[j];
}

// C = alpha * op(A) @ op(B) + beta * C, row-major.  With beta = 0 the old C is never read, NaN or not.
inline void multiply(int transA, int transB, int M, int N, int K, float alpha, const float* A, int lda,
                     const float* B, int ldb, float beta, float* C, int ldc) {
    const std::ptrdiff_t rowA = transA ? 1 : lda, stepA = transA ? lda : 1;
    const std::ptrdiff_t colB = transB ? ldb : 1, stepB = transB ? 1 : ldb;
    for (int i = 0; i < M; ++i) {
        float* row = C + static_cast<std::ptrdiff_t>(i) * ldc;
        if (beta == 0.0f) std::fill(row, row + std::max(N, 0), 0.0f);
        else if (beta != 1.0f) for (int j = 0; j < N; ++j) row[j] *= beta;
    }
    float panel[DEPTH * WIDTH];
    for (int j = 0; j < N; j += WIDTH) {
        const int width = std::min(WIDTH, N - j);
        for (int k = 0; k < K; k += DEPTH) {
            const int depth = std::min(DEPTH, K - k);
            pack(transB, B + j * colB + k * stepB, ldb, depth, width, panel);
            for (int i = 0; i < M; ++i)
                add_row(A + i * rowA + k * stepA, stepA, depth, width, alpha, panel,
                        C + static_cast<std::ptrdiff_t>(i) * ldc + j);
        }
    }
}

}  // namespace
}  // namespace loops
}  // namespace thinc
