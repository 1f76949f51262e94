import nox


@nox.session
def install(session):
    session.install("./bad_setup_deep")


@nox.session
def breaks(session):
    {}["session"]


@nox.session
def runs(session):
    session.run("python", "-c", "import nothing_of_the_kind")
