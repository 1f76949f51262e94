"""Flit."""
import numpy_is_not_here
__version__ = numpy_is_not_here.VERSION
