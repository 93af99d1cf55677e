"""Cases for compare_published.py: what both versions compute."""
