"""Upriver: tells CI's own failures from an upstream release's, and says so to the right people, once."""

__version__ = "0.1.0"
