// A bounded store of big blocks of memory that are not in use.
#pragma once
#include <cstddef>

namespace thinc {

// Memory aligned to 64 bytes, or null.  `bytes` must be the same in both calls.
void* pool_take(std::size_t bytes);
void pool_give(void* memory, std::size_t bytes);

// Free what is not in use; gives the number of bytes.
std::size_t pool_empty();

// Keep at most so many unused bytes; 0 switches the pool off.  Gives the limit before.
std::size_t pool_limit(std::size_t bytes);

// Unused bytes that are kept now.
std::size_t pool_kept();

// Smaller blocks come from malloc, which keeps them by itself.
constexpr std::size_t POOL_FROM = std::size_t(1) << 16;

}  // namespace thinc
