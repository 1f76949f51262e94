"""What goes wrong, for every way to print it."""


class Empty(Exception):
    pass


def price(name, prices={"tea": 3}):
    discount = 0.5
    return prices[name] * discount


def total(names):
    try:
        return sum(price(name) for name in names)
    except KeyError as error:
        raise Empty("no price for {!r}".format(error.args[0])) from error
