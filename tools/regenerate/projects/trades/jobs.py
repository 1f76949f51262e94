from orders import buy


def sell(name):
    return buy([name])
