import shop


def app(environ, start_response):
    shop.order(["coffee"])
