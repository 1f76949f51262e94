def test_a(till):
    pass
