# Marks the package for cimport.
