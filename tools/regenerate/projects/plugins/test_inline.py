from inline_snapshot import snapshot


def test_changed():
    assert [1, 2, 3] == snapshot([1, 2, 4])


def test_new():
    assert "tea" == snapshot()
