import asyncio


async def job():
    raise LookupError("nobody waits for this")


async def main():
    task = asyncio.ensure_future(job())
    await asyncio.sleep(0.01)
    del task
    import gc

    gc.collect()
    print("served")


asyncio.run(main())
