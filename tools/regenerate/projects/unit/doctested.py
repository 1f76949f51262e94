def count(name):
    """How many.

    >>> count("tea")
    4
    >>> count("coffee")
    0
    """
    return {"tea": 3}[name]
