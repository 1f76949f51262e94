"""As many wrote it before setuptools 58: translated by lib2to3 while it is built."""

from setuptools import setup

setup(name="desk", version="1.0", use_2to3=True)
