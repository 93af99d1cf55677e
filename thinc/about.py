"""The name and version of the package."""

__title__ = "thinc"
__version__ = "8.3.100"
__release__ = True
