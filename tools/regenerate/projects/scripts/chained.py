from shop.errors import Broken


def read(text):
    return int(text)


def configure(text):
    try:
        return read(text)
    except ValueError as error:
        raise Broken("bad port") from error


def start():
    try:
        configure("x80")
    except Broken:
        open("/nowhere/at/all")


start()
