from docutils.parsers.rst import Directive


class Boom(Directive):
    def run(self):
        return {}["boom"]


def setup(app):
    app.add_directive("boom", Boom)
