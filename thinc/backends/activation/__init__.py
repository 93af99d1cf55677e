"""The family of elementwise activations, softmax and maxout."""
