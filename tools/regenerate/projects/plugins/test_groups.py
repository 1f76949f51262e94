import trio


async def worker(number):
    await trio.sleep(0)
    raise ValueError(f"worker {number} failed")


async def test_nursery():
    async with trio.open_nursery() as nursery:
        nursery.start_soon(worker, 1)
        nursery.start_soon(worker, 2)
