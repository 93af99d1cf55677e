// Find the rows of a matrix that are equal to an earlier one: words come again and again in a text,
// and what a layer makes of a row need be computed once only.
#pragma once
#include "../_memory.hh"

namespace thinc {
namespace {

// One step loses nothing of those before it: turning and multiplying by an odd number can be undone.
THINC_INLINE std::uint64_t stir(std::uint64_t hash, std::uint64_t bits) {
    return (((hash << 5) | (hash >> 59)) ^ bits) * 0x9e3779b97f4a7c15u;
}

// A hash of K numbers, bit by bit; where it is the same for two rows, these are compared.
template <typename T>
std::uint64_t hash_row(const T* x, std::size_t K) {
    constexpr std::size_t LANES = 4, BYTES = LANES * sizeof(std::uint64_t);  // multiplications at once
    const char *at = reinterpret_cast<const char*>(x), *end = at + K * sizeof(T);
    std::uint64_t lanes[LANES] = {1, 2, 3, 4}, bits[LANES];
    for (; at < end; at += BYTES) {
        const std::size_t left = std::size_t(end - at);
        if (left >= BYTES) {
            memcpy(bits, at, BYTES);
        } else {
            memset(bits, 0, BYTES);
            memcpy(bits, at, left);
        }
        for (std::size_t i = 0; i < LANES; ++i) lanes[i] = stir(lanes[i], bits[i]);
    }
    std::uint64_t hash = 0;
    for (std::size_t i = 0; i < LANES; ++i) hash = stir(hash, lanes[i]);
    return hash ^ (hash >> 29);
}

// Which rows of X (M, K), dense, differ from all before them, and to which of these each row is equal.
template <typename T>
struct Repeated {
    static constexpr std::size_t PROBE = 64;  // so many rows tell whether it is worth looking at the others
    const std::size_t M;
    std::size_t distinct = 0;
    Scratch<std::uint32_t> rows, same, slots;  // rows: (distinct,), same: (M,); slots hold a place in `rows` plus 1
    Scratch<std::uint64_t> hashes;             // of the distinct rows
    std::size_t mask, taken = 0;               // taken: how often a slot was that of another row

    static std::size_t slots_for(std::size_t M) {
        std::size_t n = 2;
        while (n < 2 * M) n *= 2;
        return n;
    }

    explicit Repeated(std::size_t M)
        : M(M), rows(M), same(M), slots(slots_for(M)), hashes(M), mask(slots_for(M) - 1) {}

    // False where there is no memory, hardly any row is repeated, or too many have the same hash.
    bool find(const T* X, std::size_t K) {
        if (!rows.numbers || !same.numbers || !slots.numbers || !hashes.numbers) return false;
        memset(slots.numbers, 0, (mask + 1) * sizeof(std::uint32_t));
        for (std::size_t i = 0; i < M; ++i) {
            if ((i == PROBE && distinct > PROBE - PROBE / 16) || taken > 8 * M) return false;
            same.numbers[i] = place_of(X, K, i);
        }
        return distinct <= M - M / 8;
    }

    std::uint32_t place_of(const T* X, std::size_t K, std::size_t i) {
        const std::uint64_t hash = hash_row<T>(X + i * K, K);
        std::size_t slot = hash & mask;
        for (; slots.numbers[slot] != 0; slot = (slot + 1) & mask, ++taken) {
            const std::uint32_t place = slots.numbers[slot] - 1;
            if (hashes.numbers[place] == hash && memcmp(X + rows.numbers[place] * K, X + i * K, K * sizeof(T)) == 0)
                return place;
        }
        rows.numbers[distinct] = std::uint32_t(i);
        hashes.numbers[distinct] = hash;
        slots.numbers[slot] = std::uint32_t(++distinct);
        return std::uint32_t(distinct - 1);
    }
};

// to[i] = from[rows[i]], rows of K numbers.
template <typename T>
void take_rows(T* to, const T* from, const std::uint32_t* rows, std::size_t n, std::size_t K) {
    for (std::size_t i = 0; i < n; ++i) memcpy(to + i * K, from + rows[i] * K, K * sizeof(T));
}

}  // namespace
}  // namespace thinc
