from pybind11.setup_helpers import Pybind11Extension, build_ext
from setuptools import setup

setup(name="pyb", version="0.1", ext_modules=[Pybind11Extension("pyb", ["pyb.cpp"])], cmdclass={"build_ext": build_ext})
