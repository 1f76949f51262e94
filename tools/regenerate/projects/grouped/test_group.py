import pytest


def test_group():
    found = []
    for text in ("a", "b"):
        try:
            int(text)
        except ValueError as error:
            found.append(error)
    raise ExceptionGroup("two at once", found)


def test_note():
    error = KeyError("port")
    error.add_note("in settings.toml")
    raise error


def test_match():
    with pytest.raises(ValueError, match="number"):
        raise ValueError("letter")
