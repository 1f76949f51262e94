def pytest_addoption(parser):
    raise KeyError("no such option")
