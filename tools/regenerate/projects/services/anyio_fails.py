import anyio

import shop


async def buy(name):
    await anyio.sleep(0)
    shop.order([name])


async def main():
    async with anyio.create_task_group() as group:
        group.start_soon(buy, "coffee")
        group.start_soon(buy, "milk")


anyio.run(main)
