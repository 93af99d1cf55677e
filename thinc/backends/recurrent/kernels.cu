// One step of the LSTM for all sequences, forward and back, on the GPU; products are cuBLAS's.
// Gates stand in the order forget, input, output, candidate: rows of 4·nH numbers.
#include "../_cuda.hh"
#include "../activation/math.hh"

namespace thinc {
namespace recurrent {

// R: what goes into the gates from the step before.  c, h: (n, nH), the cells and hidden states before,
// and after.  G, C, H: the rows of this step in what is kept; G comes with what goes in from below.
template <typename T>
__global__ void cell(const T* R, T* c, T* h, T* G, T* C, T* H, std::size_t n, std::size_t nH) {
    using W = Wide<T>;
    THINC_EACH(i, n * nH) {
        const std::size_t row = quotient(i, nH), k = row * 4 * nH + (i - row * nH);
        const W f = math::sigmoid(W(widen(G[k]) + widen(R[k])));
        const W in = math::sigmoid(W(widen(G[k + nH]) + widen(R[k + nH])));
        const W o = math::sigmoid(W(widen(G[k + 2 * nH]) + widen(R[k + 2 * nH])));
        const W g = math::tanh(W(widen(G[k + 3 * nH]) + widen(R[k + 3 * nH])));
        const W state = f * widen(c[i]) + in * g, hidden = o * math::tanh(state);
        put(G[k], f);
        put(G[k + nH], in);
        put(G[k + 2 * nH], o);
        put(G[k + 3 * nH], g);
        put(c[i], state);
        put(C[i], state);
        put(h[i], hidden);
        put(H[i], hidden);
    }
}

// dH: the gradient of the hidden states from above, dH_stride numbers between two rows.  dh, dc: what
// comes from the step after; dc becomes that of the step before.  dA: what goes into the gates.
template <typename T>
__global__ void backprop_cell(const T* dH, long long dH_stride, const T* dh, T* dc, const T* G, const T* C,
                              const T* C_prev, T* dA, std::size_t n, std::size_t nH) {
    using W = Wide<T>;
    THINC_EACH(i, n * nH) {
        const std::size_t row = quotient(i, nH), j = i - row * nH, k = row * 4 * nH + j;
        const W f = widen(G[k]), in = widen(G[k + nH]), o = widen(G[k + 2 * nH]), g = widen(G[k + 3 * nH]);
        const W t = math::tanh(W(widen(C[i])));
        const W d_hidden = widen(dH[(long long)(row)*dH_stride + (long long)(j)]) + widen(dh[i]);
        const W d_cell = widen(dc[i]) + d_hidden * o * (W(1) - t * t);
        put(dA[k], d_cell * widen(C_prev[i]) * f * (W(1) - f));
        put(dA[k + nH], d_cell * g * in * (W(1) - in));
        put(dA[k + 2 * nH], d_hidden * t * o * (W(1) - o));
        put(dA[k + 3 * nH], d_cell * in * (W(1) - g * g));
        put(dc[i], d_cell * f);
    }
}

}  // namespace recurrent
}  // namespace thinc
