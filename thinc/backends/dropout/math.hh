// The random bits of one place of a dropout mask, on any processor.
#pragma once
#include "../_inline.hh"

namespace thinc {
namespace dropout {
namespace {

// 31 random bits for place i: two rounds of multiply and shift, with half of the seed before each.
// The constants are those of Wellons 2018, "Prospecting for hash functions" (public domain).
THINC_INLINE std::int32_t draw(std::uint32_t i, std::uint32_t before, std::uint32_t between) {
    std::uint32_t h = i * 0x9e3779b9u + before;
    h = (h ^ h >> 16) * 0x7feb352du;
    h = (h ^ h >> 15) * 0x846ca68bu;
    h = (h ^ h >> 16) ^ between;
    h = (h ^ h >> 17) * 0xed5ad4bbu;
    h = (h ^ h >> 11) * 0xac4c1b51u;
    return std::int32_t((h ^ h >> 15) >> 1);
}

}  // namespace
}  // namespace dropout
}  // namespace thinc
