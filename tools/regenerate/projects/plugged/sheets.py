"""A plug-in whose items report themselves."""
import pytest


class Sheet(pytest.Item):
    def runtest(self):
        raise ValueError("a sheet")

    def repr_failure(self, excinfo):
        return "sheet failed: %s\n   in cell 3" % excinfo.value

    def reportinfo(self):
        return self.path, 0, "sheet: " + self.name


class Book(pytest.File):
    def collect(self):
        yield Sheet.from_parent(self, name="totals")


class Torn(pytest.File):
    def collect(self):
        raise KeyError("torn page")


def pytest_collect_file(file_path, parent):
    if file_path.suffix == ".book":
        return Book.from_parent(parent, path=file_path)
    if file_path.suffix == ".torn":
        return Torn.from_parent(parent, path=file_path)
