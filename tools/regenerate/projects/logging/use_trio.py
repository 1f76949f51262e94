import trio

import failing


async def job():
    failing.price("trio")


async def main():
    async with trio.open_nursery() as nursery:
        nursery.start_soon(job)


trio.run(main)
