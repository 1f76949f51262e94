import cgitb

cgitb.enable(format="text")


def load(text):
    return int(text)


load("many")
