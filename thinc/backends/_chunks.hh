// Work on [0, n) that may be cut into pieces, which other threads may take.
#pragma once
#include "_inline.hh"

namespace thinc {

// Call work(context, begin, end) until all of [0, n) is done, in pieces of `grain` elements.
typedef void (*Parallel)(std::size_t n, std::size_t grain, void (*work)(void*, std::size_t, std::size_t),
                         void* context);

namespace {

Parallel run_parallel = nullptr;  // set once, when the table is filled

template <typename F>
void call_work(void* context, std::size_t begin, std::size_t end) {
    // A copy stays in registers; what lies behind a pointer could be a part of the result, which kept
    // the loop of the dropout mask from being vectorized (9 times as long).
    const F work = *static_cast<F*>(context);
    work(begin, end);
}

// work(begin, end) over [0, n).  Pieces must not depend on each other, and a result must not
// depend on where the cuts are.  grain: about 20 µs of work, so that claiming it costs nothing.
template <typename F>
THINC_INLINE void in_chunks(std::size_t n, std::size_t grain, F work) {
    if (n <= grain || run_parallel == nullptr)
        work(std::size_t(0), n);
    else
        run_parallel(n, grain, call_work<F>, &work);
}

}  // namespace
}  // namespace thinc
