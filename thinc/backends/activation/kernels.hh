// The kernels of all activations.
#pragma once
#include "elementwise.hh"
#include "maxout.hh"
#include "softmax.hh"

namespace thinc {
namespace {

template <typename T>
void fill(ActivationTable<T>& table) {
    activation::fill_elementwise(table);
    activation::fill_maxout(table);
    activation::fill_softmax(table);
}

}  // namespace
}  // namespace thinc
