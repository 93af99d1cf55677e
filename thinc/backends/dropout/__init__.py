"""Dropout masks from a fast generator; the reference is among the steps of training."""
