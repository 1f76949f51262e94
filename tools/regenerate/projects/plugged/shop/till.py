"""A till.

>>> pay(3)
4
"""


def pay(amount):
    """Pay.

    >>> pay(0)
    Traceback (most recent call last):
    ZeroDivisionError: no change
    >>> pay("x")
    'x'
    """
    return 12 // amount


async def later(amount):
    return pay(amount)
