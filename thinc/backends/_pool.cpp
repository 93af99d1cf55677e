// Keep big blocks of memory for the next use: a page that comes from the system costs 1.6 µs,
// which was up to a third of the time of a prediction.
#include "_pool.hh"

#include <atomic>
#include <cstdlib>

namespace {

// Four sizes in each power of two, so that a block is at most a quarter larger than needed.
constexpr int CLASSES = 4 * 48, DEPTH = 16;

struct Shelf {
    void* blocks[DEPTH];
    int count;
};

Shelf shelves[CLASSES];
std::size_t kept = 0, most = std::size_t(256) << 20;
std::atomic_flag busy = ATOMIC_FLAG_INIT;

// Nobody waits for the pool: who finds it in use does without.  So a process that forks while
// another thread holds it loses the pool in the child, and nothing else.
struct Entry {
    const bool open;
    Entry() : open(!busy.test_and_set(std::memory_order_acquire)) {}
    ~Entry() {
        if (open) busy.clear(std::memory_order_release);
    }
};

struct Size {
    int shelf;
    std::size_t bytes;
};

Size round_up(std::size_t bytes) {
    int power = 0;
    while ((bytes - 1) >> (power + 1)) ++power;
    const std::size_t base = std::size_t(1) << power, step = base / 4;
    const std::size_t steps = (bytes - base + step - 1) / step;  // 1 to 4 above `base`
    return {4 * power + int(steps) - 1, base + steps * step};
}

void* fresh(std::size_t bytes) {
#if defined(_WIN32)
    return _aligned_malloc(bytes, 64);
#else
    void* memory = nullptr;
    return posix_memalign(&memory, 64, bytes) == 0 ? memory : nullptr;
#endif
}

void discard(void* memory) {
#if defined(_WIN32)
    _aligned_free(memory);
#else
    std::free(memory);
#endif
}

}  // namespace

void* thinc::pool_take(std::size_t bytes) {
    if (bytes < POOL_FROM) return fresh(bytes ? bytes : 1);
    const Size size = round_up(bytes);
    if (size.shelf >= CLASSES) return nullptr;
    {
        Entry entry;
        Shelf& shelf = shelves[size.shelf];
        if (entry.open && shelf.count > 0) {
            kept -= size.bytes;
            return shelf.blocks[--shelf.count];
        }
    }
    return fresh(size.bytes);
}

void thinc::pool_give(void* memory, std::size_t bytes) {
    if (memory == nullptr) return;
    if (bytes >= POOL_FROM) {
        const Size size = round_up(bytes);
        Entry entry;
        Shelf& shelf = shelves[size.shelf];
        if (entry.open && shelf.count < DEPTH && kept + size.bytes <= most) {
            kept += size.bytes;
            shelf.blocks[shelf.count++] = memory;
            return;
        }
    }
    discard(memory);
}

std::size_t thinc::pool_empty() {
    Entry entry;
    if (!entry.open) return 0;
    for (Shelf& shelf : shelves)
        while (shelf.count > 0) discard(shelf.blocks[--shelf.count]);
    const std::size_t freed = kept;
    kept = 0;
    return freed;
}

std::size_t thinc::pool_limit(std::size_t bytes) {
    const std::size_t before = most;
    most = bytes;
    if (kept > most) pool_empty();
    return before;
}

std::size_t thinc::pool_kept() { return kept; }
