from pylint.checkers import BaseChecker


class Breaks(BaseChecker):
    name = "breaks"
    msgs = {"W9901": ("never", "never-said", "never")}

    def visit_call(self, node):
        {}["a call"]


def register(linter):
    linter.register_checker(Breaks(linter))
