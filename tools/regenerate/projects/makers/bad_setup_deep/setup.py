from setuptools import setup
from setuptools.command.build_py import build_py


class Generate(build_py):
    def run(self):
        self.generate()

    def generate(self):
        try:
            open("grammar.txt")
        except OSError as error:
            raise RuntimeError("no grammar to generate from") from error


setup(name="deep", version="1.0", py_modules=["deep"], cmdclass={"build_py": Generate})
