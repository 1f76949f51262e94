from shop.errors import Broken

PRICES = {"tea": 3}


def price(name):
    return PRICES[name]


def total(names):
    return sum([price(name) for name in names])


def checked(names):
    try:
        return total(names)
    except KeyError:
        raise Broken("no price: coffee")


def deep(n):
    return deep(n - 1) + 1
