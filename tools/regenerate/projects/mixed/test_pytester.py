pytest_plugins = ["pytester"]


def test_inner_run(pytester):
    pytester.makepyfile(
        """
        def test_inner():
            assert 1 == 2

        def test_other():
            {}["inner"]
        """
    )
    result = pytester.runpytest("-v")
    result.assert_outcomes(passed=2)


def test_inner_process(pytester):
    pytester.makepyfile("import nothing_of_the_kind")
    result = pytester.runpytest_subprocess()
    result.stdout.fnmatch_lines(["*1 passed*"])


def test_after():
    assert "after" == "the inner runs"
