STOCK = {"tea": 3}


def count(name):
    """How many there are.

    Raises KeyError
    """
    return STOCK[name]


def take(name, n):
    try:
        left = count(name) - n
    except KeyError:
        raise ValueError("unknown: " + name)
    if left < 0:
        raise RuntimeError("not enough {} - need {}".format(name, n))
    return left
