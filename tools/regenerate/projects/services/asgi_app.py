import shop


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        raise NotImplementedError
    shop.order(["coffee"])
