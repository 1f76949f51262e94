from setuptools import setup


def version():
    return open("VERSION").read()


setup(name="badsetup", version=version())
