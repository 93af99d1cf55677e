// Maxout: the best of P neighbouring numbers, and the way back.
#pragma once
#include <utility>

#include "../_chunks.hh"
#include "../_simd.hh"
#include "elementwise.hh"

namespace thinc {
namespace activation {
namespace {

constexpr std::size_t MAXOUT_GRAIN = 1 << 13;

// The first of equals wins, and the first NaN over everything, as in NumPy's argmax.
template <typename T>
THINC_INLINE void maxout_plain(const T* X, T* best, std::int32_t* which, std::size_t begin, std::size_t end, int P) {
    for (std::size_t i = begin; i < end; ++i) {
        T b = X[i * P];
        std::int32_t w = 0;
        for (int p = 1; p < P; ++p) {
            const T x = X[i * P + p];
            const bool take = !(x <= b) & (b == b);
            b = take ? x : b;
            w = take ? p : w;
        }
        best[i] = b;
        which[i] = w;
    }
}

// dX[i·P + p] = dY[i] where which[i] = p, else 0; zeros first, while they are in the cache.
// False, with dX unfinished, where `which` is outside of [0, P).
template <typename T>
THINC_INLINE bool spread(const T* dY, const std::int32_t* which, T* dX, std::size_t begin, std::size_t end, int P) {
    for (std::size_t block = begin; block < end; block += 1024) {
        const std::size_t stop = block + 1024 < end ? block + 1024 : end;
        bool inside = true;
        for (std::size_t i = block; i < stop; ++i) inside &= std::uint32_t(which[i]) < std::uint32_t(P);
        if (!inside) return false;
        memset(dX + block * P, 0, (stop - block) * P * sizeof(T));
        for (std::size_t i = block; i < stop; ++i) dX[i * P + which[i]] = dY[i];
    }
    return true;
}

#if !defined(THINC_PLAIN_VECTORS) && (defined(__clang__) || __GNUC__ >= 12)
#define THINC_SHUFFLES 1

// Piece `piece` of neighbouring numbers, of P vectors that hold them one after the other.
template <int P, int piece, int V, typename T, int... lanes>
THINC_INLINE Vec<T> pick(const Vec<T> (&x)[P], Vec<T> y, std::integer_sequence<int, lanes...> all) {
    if constexpr (V == P) {
        return y;
    } else {
        // Lanes that don't come from vector V keep what they have.
        constexpr int W = width<T>;
        y = __builtin_shufflevector(y, x[V],
                                    ((lanes * P + piece) / W == V ? W + (lanes * P + piece) % W : lanes)...);
        return pick<P, piece, V + 1, T>(x, y, all);
    }
}

template <int P, int piece, typename T>
THINC_INLINE void improve(const Vec<T> (&x)[P], Vec<T>& best, IVec<T>& which) {
    if constexpr (piece < P) {
        const Vec<T> y = pick<P, piece, 0, T>(x, x[0], std::make_integer_sequence<int, width<T>>());
        const IVec<T> take = ~(y <= best) & (best == best);
        best = select<T>(take, y, best);
        which = take ? splat<Integer<T>>(piece) : which;
        improve<P, piece + 1, T>(x, best, which);
    }
}

template <int P, typename T>
THINC_INLINE void maxout_fast(const T* X, T* best, std::int32_t* which, std::size_t begin, std::size_t end) {
    std::size_t i = begin;
    for (; i + width<T> <= end; i += width<T>) {
        Vec<T> x[P];
        for (int v = 0; v < P; ++v) x[v] = load<T>(X + i * P + v * width<T>);
        Vec<T> b = pick<P, 0, 0, T>(x, x[0], std::make_integer_sequence<int, width<T>>());
        IVec<T> w = splat<Integer<T>>(0);
        improve<P, 1, T>(x, b, w);
        store<T>(best + i, b);
        for (int lane = 0; lane < width<T>; ++lane) which[i + lane] = std::int32_t(w[lane]);
    }
    maxout_plain(X, best, which, i, end, P);
}

// Lane l of vector V of the result comes from number (V·width + l) / P, and is its piece
// (V·width + l) % P: both are known when this is compiled.
template <int P, int V, typename T, int... lanes>
THINC_INLINE void spread_vector(Vec<T> dY, IVec<T> which, T* dX, std::integer_sequence<int, lanes...>) {
    constexpr int start = V * width<T>;
    const Vec<T> value = __builtin_shufflevector(dY, dY, (start + lanes) / P...);
    const IVec<T> chosen = __builtin_shufflevector(which, which, (start + lanes) / P...);
    const IVec<T> piece = {(start + lanes) % P...};
    store<T>(dX + start, select<T>(chosen == piece, value, splat<T>(T(0))));
}

template <int P, typename T, int... vectors>
THINC_INLINE void spread_vectors(Vec<T> dY, IVec<T> which, T* dX, std::integer_sequence<int, vectors...>) {
    (spread_vector<P, vectors, T>(dY, which, dX, std::make_integer_sequence<int, width<T>>()), ...);
}

template <int P, typename T>
THINC_INLINE bool spread_fast(const T* dY, const std::int32_t* which, T* dX, std::size_t begin, std::size_t end) {
    std::size_t i = begin;
    IVec<T> outside = splat<Integer<T>>(0);
    const IVec<T> first = splat<Integer<T>>(0), last = splat<Integer<T>>(P - 1);
    for (; i + width<T> <= end; i += width<T>) {
        IVec<T> w;
        for (int lane = 0; lane < width<T>; ++lane) w[lane] = which[i + lane];
        outside = outside | (w < first) | (w > last);
        spread_vectors<P, T>(load<T>(dY + i), w, dX + i * P, std::make_integer_sequence<int, P>());
    }
    for (int lane = 0; lane < width<T>; ++lane)
        if (outside[lane]) return false;
    return spread(dY, which, dX, i, end, P);
}
#else
#define THINC_SHUFFLES 0
#endif

template <typename T>
THINC_INLINE bool spread_pieces(const T* dY, const std::int32_t* which, T* dX, std::size_t begin, std::size_t end,
                                int P) {
#if THINC_SHUFFLES
    switch (P) {
        case 2: return spread_fast<2>(dY, which, dX, begin, end);
        case 3: return spread_fast<3>(dY, which, dX, begin, end);
        case 4: return spread_fast<4>(dY, which, dX, begin, end);
        case 5: return spread_fast<5>(dY, which, dX, begin, end);
        case 6: return spread_fast<6>(dY, which, dX, begin, end);
        case 7: return spread_fast<7>(dY, which, dX, begin, end);
        case 8: return spread_fast<8>(dY, which, dX, begin, end);
    }
#endif
    return spread(dY, which, dX, begin, end, P);
}

// dY, which: (n,).  dX: (n, P).  False where `which` is outside of [0, P); dX is of no use then.
template <typename T>
bool backprop_maxout(const T* dY, const std::int32_t* which, T* dX, std::size_t n, int P) {
    bool wrong = false;  // set by any piece of the work, and only ever to true
    bool* seen = &wrong;
    in_chunks(n, MAXOUT_GRAIN, [=](std::size_t begin, std::size_t end) {
        if (!spread_pieces(dY, which, dX, begin, end, P)) __atomic_store_n(seen, true, __ATOMIC_RELAXED);
    });
    return !wrong;
}

// X: (n, P).  best, which: (n,).
template <typename T>
void maxout(const T* X, T* best, std::int32_t* which, std::size_t n, int P) {
    in_chunks(n, MAXOUT_GRAIN, [=](std::size_t begin, std::size_t end) {
#if THINC_SHUFFLES
        switch (P) {
            case 2: return maxout_fast<2>(X, best, which, begin, end);
            case 3: return maxout_fast<3>(X, best, which, begin, end);
            case 4: return maxout_fast<4>(X, best, which, begin, end);
            case 5: return maxout_fast<5>(X, best, which, begin, end);
            case 6: return maxout_fast<6>(X, best, which, begin, end);
            case 7: return maxout_fast<7>(X, best, which, begin, end);
            case 8: return maxout_fast<8>(X, best, which, begin, end);
        }
#endif
        maxout_plain(X, best, which, begin, end, P);
    });
}

template <typename T>
void fill_maxout(ActivationTable<T>& table) {
    table.maxout = maxout<T>;
    table.backprop_maxout = backprop_maxout<T>;
}

}  // namespace
}  // namespace activation
}  // namespace thinc
