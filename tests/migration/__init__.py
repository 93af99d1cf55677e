"""Tests of turning torch modules into native models and back."""
