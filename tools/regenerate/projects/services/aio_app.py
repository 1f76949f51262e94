import logging

from aiohttp import web

import shop

logging.basicConfig(level=logging.INFO)


async def index(request):
    return web.Response(text=str(shop.order(["coffee"])))


app = web.Application()
app.add_routes([web.get("/", index)])
web.run_app(app, host="127.0.0.1", port=8123)
