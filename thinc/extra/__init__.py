"""The compiled parts that only spaCy uses."""
