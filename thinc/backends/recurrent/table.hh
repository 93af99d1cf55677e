// The steps through time that every instruction set provides.
#pragma once
#include <cstddef>

namespace thinc {

// One level of an LSTM in one direction.  Rows are packed by time; sequence b is row b of each
// step that it reaches.  steps: (start, end) of the rows of each step, in the order of walking.
template <typename T>
struct Walk {
    const std::ptrdiff_t* steps;
    std::size_t nS, nB, nH;  // steps, rows of the largest step, cells
    const T* Wh;             // (4, nH, nH), dense
    const T *h0, *c0;        // (nH,): where every sequence starts
    T* gates;                // (N, 4, nH): before the walk what goes into them, then what comes out
    T* cells;                // (N, nH), or null if nobody needs them
    T* hidden;               // (N, nH), rows `gap` apart
    std::ptrdiff_t gap;
};

// The way back.  previous: (N, nH), for each row the hidden state one step earlier, is written.
template <typename T>
struct WalkBack {
    const std::ptrdiff_t* steps;
    std::size_t nS, nB, nH;
    const T* Wh;
    const T *h0, *c0;
    const T *gates, *cells, *hidden;  // dense
    const T* dH;                      // (N, nH), rows `gap` apart
    std::ptrdiff_t gap;
    T* dA;  // (N, 4, nH): the gradient of what goes into the gates
    T* previous;
};

// False, with nothing written, if there is no memory.
template <typename T>
struct RecurrentTable {
    bool (*walk)(const Walk<T>& walk);
    bool (*walk_back)(const WalkBack<T>& walk);
};

}  // namespace thinc
