from mypy.plugin import Plugin


class Broken(Plugin):
    def get_function_hook(self, fullname):
        raise RuntimeError("plug-in is broken: " + fullname)


def plugin(version):
    return Broken
