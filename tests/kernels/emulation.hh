// Runs CUDA kernels on the CPU: each thread of a block is a fiber, and barriers pass on to the next.
#pragma once
#include <ucontext.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

#define __global__
#define __launch_bounds__(...)
#define __device__
#define __host__
#define __forceinline__ inline
#define __shared__ static

struct Dim {
    unsigned x = 1, y = 1, z = 1;
};
static Dim gridDim, blockDim, blockIdx, threadIdx;

namespace emulation {

enum State { READY, AT_BARRIER, IN_SHUFFLE, DONE };
struct Fiber {
    ucontext_t context;
    std::vector<char> stack = std::vector<char>(1 << 16);
    State state = DONE;
    std::uint64_t given = 0;
};
static std::vector<Fiber> fibers(1024);
static ucontext_t scheduler;
static unsigned current;
static void (*body)(void*);
static void* body_of;

inline void pause(State state) {
    Fiber& fiber = fibers[current];
    fiber.state = state;
    swapcontext(&fiber.context, &scheduler);
}

inline void enter() {
    body(body_of);
    fibers[current].state = DONE;
}

// Wakes the threads [first, last) if all that are left of them wait for the same thing.
inline bool wake(unsigned first, unsigned last, State at) {
    bool some = false;
    for (unsigned i = first; i < last; ++i) {
        if (fibers[i].state == at) some = true;
        else if (fibers[i].state != DONE) return false;
    }
    for (unsigned i = first; i < last && some; ++i)
        if (fibers[i].state == at) fibers[i].state = READY;
    return some;
}

inline void run_block(unsigned threads) {
    for (unsigned i = 0; i < threads; ++i) {
        Fiber& fiber = fibers[i];
        getcontext(&fiber.context);
        fiber.context.uc_stack.ss_sp = fiber.stack.data();
        fiber.context.uc_stack.ss_size = fiber.stack.size();
        fiber.context.uc_link = &scheduler;
        makecontext(&fiber.context, enter, 0);
        fiber.state = READY;
    }
    for (bool alive = true; alive;) {
        alive = false;
        bool moved = false;
        for (current = 0; current < threads; ++current) {
            if (fibers[current].state != READY) continue;
            threadIdx = {current % blockDim.x, current / blockDim.x, 0};
            moved = true;
            swapcontext(&scheduler, &fibers[current].context);
        }
        for (unsigned i = 0; i < threads; i += 32) moved |= wake(i, i + 32 < threads ? i + 32 : threads, IN_SHUFFLE);
        moved |= wake(0, threads, AT_BARRIER);
        for (unsigned i = 0; i < threads; ++i) alive |= fibers[i].state != DONE;
        if (alive && !moved) {
            std::fprintf(stderr, "emulation: some threads wait at a barrier that others never reach\n");
            std::abort();
        }
    }
}

template <typename F>
void launch(const unsigned* grid, const unsigned* block, F kernel) {
    gridDim = {grid[0], grid[1], 1};
    blockDim = {block[0], block[1], 1};
    body = [](void* f) { (*static_cast<F*>(f))(); };
    body_of = &kernel;
    for (unsigned y = 0; y < grid[1]; ++y)
        for (unsigned x = 0; x < grid[0]; ++x) {
            blockIdx = {x, y, 0};
            run_block(block[0] * block[1]);
        }
}

template <typename... A, std::size_t... I>
void call(void (*kernel)(A...), void** values, const unsigned* grid, const unsigned* block, std::index_sequence<I...>) {
    launch(grid, block, [=] { kernel(*static_cast<A*>(values[I])...); });
}

// values: one pointer to each argument, as in CUDA's own cuLaunchKernel.
template <typename... A>
void call(void (*kernel)(A...), void** values, const unsigned* grid, const unsigned* block) {
    call(kernel, values, grid, block, std::index_sequence_for<A...>());
}

}  // namespace emulation

inline void __syncthreads() { emulation::pause(emulation::AT_BARRIER); }

template <typename T>
T __shfl_xor_sync(unsigned, T x, int mask) {
    const unsigned me = emulation::current;
    std::memcpy(&emulation::fibers[me].given, &x, sizeof(T));
    emulation::pause(emulation::IN_SHUFFLE);
    std::memcpy(&x, &emulation::fibers[me ^ unsigned(mask)].given, sizeof(T));
    emulation::pause(emulation::IN_SHUFFLE);
    return x;
}

template <typename T, typename U>
T atomicAdd(T* place, U x) {
    const T before = *place;
    *place += x;
    return before;
}

inline unsigned atomicCAS(unsigned* place, unsigned expected, unsigned x) {
    const unsigned before = *place;
    if (before == expected) *place = x;
    return before;
}
