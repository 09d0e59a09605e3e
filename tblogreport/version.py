"""The version, apart from all else: modules that need it alone import nothing more."""

__version__ = "0.1.0"
