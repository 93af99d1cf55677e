"""The family of operations that make, convert and reshape arrays."""
