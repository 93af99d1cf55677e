"""What tests the CUDA kernels on machines without a GPU."""
