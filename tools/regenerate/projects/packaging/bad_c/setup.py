from setuptools import Extension, setup

setup(name="badc", version="1.0", ext_modules=[Extension("badc", ["badc.c"])])
