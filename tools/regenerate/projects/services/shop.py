def price(name):
    return {"tea": 3}[name]


def order(names):
    try:
        return sum(price(name) for name in names)
    except KeyError as error:
        raise LookupError("cannot order %s" % error) from error
