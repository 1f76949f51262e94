from mypy.plugin import Plugin


class Breaks(Plugin):
    def get_function_hook(self, fullname):
        if fullname == "code_here.ask":
            raise RuntimeError("the plug-in broke")


def plugin(version):
    return Breaks
