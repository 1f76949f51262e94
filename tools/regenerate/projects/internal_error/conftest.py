def pytest_runtest_logreport(report):
    if report.when == "call":
        raise LookupError("the plug-in is broken")
