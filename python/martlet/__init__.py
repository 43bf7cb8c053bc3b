"""Martlet: stream processing jobs in Python, with PyFlink's API, on a runtime written in Swift.

The package mirrors PyFlink's modules: ``martlet.common``, ``martlet.datastream`` and so on hold
what ``pyflink.common``, ``pyflink.datastream`` hold. Nothing is imported before it is asked for,
so ``import martlet`` costs next to nothing.
"""

__version__ = "0.1.0"

__all__ = ["__version__"]
