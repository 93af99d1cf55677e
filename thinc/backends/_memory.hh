// Big temporaries, taken from a pool so that the system need not clear fresh pages for each.
#pragma once
#include "_inline.hh"

namespace thinc {

// What every level needs from the rest of the library; see _memory.cpp.
struct Memory {
    void* (*take)(std::size_t bytes);  // 64-byte aligned, or null
    void (*give)(void* memory, std::size_t bytes);
};

namespace {

Memory memory;  // set once, when the table is filled

// Ask for the cache line of an address that will be read soon.
THINC_INLINE void fetch_line(const void* address) {
#if defined(__GNUC__) || defined(__clang__)
    __builtin_prefetch(address);
#else
    (void)address;
#endif
}

// Room for n numbers that lives as long as this object.  `numbers` is null if there is none.
template <typename T>
struct Scratch {
    T* numbers;
    std::size_t bytes;
    explicit Scratch(std::size_t n) : bytes(n * sizeof(T)) { numbers = static_cast<T*>(memory.take(bytes)); }
    ~Scratch() { memory.give(numbers, bytes); }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
};

}  // namespace
}  // namespace thinc
