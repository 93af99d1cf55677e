// Several threads for big loops, if the user asks for them.
#pragma once
#include "_chunks.hh"

namespace thinc {

// Run work(context, begin, end) over [0, n) in pieces of `grain`, see _chunks.hh.
void run_in_threads(std::size_t n, std::size_t grain, void (*work)(void*, std::size_t, std::size_t), void* context);

// At most n threads, the caller's included; gives the number before.
int set_threads(int n);
int get_threads();

}  // namespace thinc
