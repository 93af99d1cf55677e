"""The family of dense linear algebra operations."""
