class Refused(ValueError):
    """Not accepted."""


def check(value):
    """Refuse a value.

    >   this is no source line
    E   and this is no exception: KeyError: 'nothing'
    """
    amount = len(str(value))
    raise Refused(value)


def recount(value):
    try:
        check(value)
    except Refused as error:
        raise LookupError("recounting failed") from error


def store(value):
    try:
        recount(value)
    except LookupError:
        raise RuntimeError("not stored: %s" % value)


def hide(value):
    try:
        check(value)
    except Refused:
        raise OSError("hidden cause") from None
