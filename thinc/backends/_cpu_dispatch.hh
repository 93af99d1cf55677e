// The table of kernels for the processor that this process runs on.
#pragma once
#include "_cpu_table.hh"

namespace thinc {

extern Table table;

// Fill the table with the best level that the processor has, at most `limit` ("v2", "v3", "v4",
// or "" for no limit).  Returns the name of the level, or null for an unknown limit.
const char* choose_kernels(const char* limit);

}  // namespace thinc
