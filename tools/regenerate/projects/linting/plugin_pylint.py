from pylint.checkers import BaseChecker


class Broken(BaseChecker):
    name = "broken"
    msgs = {"W9901": ("x", "broken-message", "x")}

    def visit_call(self, node):
        raise LookupError("checker is broken")


def register(linter):
    linter.register_checker(Broken(linter))
