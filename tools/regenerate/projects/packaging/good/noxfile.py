import nox


@nox.session(venv_backend="none")
def unit(session):
    session.run("python", "-m", "unittest", "test_good")
