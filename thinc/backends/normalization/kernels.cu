// Layer normalization on the GPU: a team of threads for each row.
#include "../_cuda.hh"
#include "../activation/math.hh"

namespace thinc {
namespace normalization {

// Y = (X − μ)·s·G + b, with the mean μ of each row and s = 1 / √(variance + epsilon).
template <typename T>
__global__ void layernorm(const T* X, const T* G, const T* b, T* Y, T* mu, T* s, std::size_t n, std::size_t w,
                          double epsilon) {
    using W = Wide<T>;
    THINC_EACH_ROW(row, is_row, n) {
        const T* x = X + row * w;
        W sum = 0, squares = 0;
        for (std::size_t i = threadIdx.x; i < w; i += blockDim.x) sum += widen(x[i]);
        const W mean = over_team(sum, Sum()) / W(w);
        for (std::size_t i = threadIdx.x; i < w; i += blockDim.x) squares += (widen(x[i]) - mean) * (widen(x[i]) - mean);
        const W scale = W(1) / math::square_root(over_team(squares, Sum()) / W(w) + W(epsilon));
        if (!is_row) continue;
        for (std::size_t i = threadIdx.x; i < w; i += blockDim.x)
            put(Y[row * w + i], (widen(x[i]) - mean) * scale * widen(G[i]) + widen(b[i]));
        if (threadIdx.x == 0) {
            put(mu[row], mean);
            put(s[row], scale);
        }
    }
}

// dX = s·(D − mean(D) − N·mean(D·N)), with D = dY·G and N = (X − μ)·s.
template <typename T>
__global__ void backprop_layernorm(const T* dY, const T* X, const T* mu, const T* s, const T* G, T* dX, std::size_t n,
                                   std::size_t w) {
    using W = Wide<T>;
    THINC_EACH_ROW(row, is_row, n) {
        const T *x = X + row * w, *dy = dY + row * w;
        const W mean = widen(mu[row]), scale = widen(s[row]);
        W sum = 0, slope = 0;
        for (std::size_t i = threadIdx.x; i < w; i += blockDim.x) {
            const W d = widen(dy[i]) * widen(G[i]);
            sum += d;
            slope += d * ((widen(x[i]) - mean) * scale);
        }
        sum = over_team(sum, Sum()) / W(w);
        slope = over_team(slope, Sum()) / W(w);
        for (std::size_t i = threadIdx.x; i < w && is_row; i += blockDim.x) {
            const W d = widen(dy[i]) * widen(G[i]);
            put(dX[row * w + i], (d - sum - (widen(x[i]) - mean) * scale * slope) * scale);
        }
    }
}

// parts[piece] = Σ dY·N and Σ dY over rows piece, piece + pieces, …: (pieces, 2, w).
template <typename T>
__global__ void sum_columns(const T* dY, const T* X, const T* mu, const T* s, T* parts, std::size_t n, std::size_t w,
                            std::size_t pieces) {
    using W = Wide<T>;
    for (std::size_t piece = blockIdx.x; piece < pieces; piece += gridDim.x)
        for (std::size_t j = std::size_t(blockIdx.y) * blockDim.x + threadIdx.x; j < w;
             j += std::size_t(gridDim.y) * blockDim.x) {
            W part_G = 0, part_b = 0;
            for (std::size_t r = piece; r < n; r += pieces) {
                const W d = widen(dY[r * w + j]);
                part_b += d;
                part_G += d * ((widen(X[r * w + j]) - widen(mu[r])) * widen(s[r]));
            }
            put(parts[2 * piece * w + j], part_G);
            put(parts[(2 * piece + 1) * w + j], part_b);
        }
}

}  // namespace normalization
}  // namespace thinc
