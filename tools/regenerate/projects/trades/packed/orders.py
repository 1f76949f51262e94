from shop import total


class OrderError(Exception):
    pass


def load(text):
    try:
        return int(text)
    except ValueError as error:
        raise OrderError(f"no number: {text!r}") from error


def buy(names, text="3"):
    count = load(text)
    return total(names) * count
