import shop


def read(app, name, source):
    shop.order(["document"])


def setup(app):
    app.connect("source-read", read)
