import sys

import trio


async def worker(number):
    await trio.sleep(0)
    try:
        raise KeyError(number)
    except KeyError as error:
        error2 = ValueError(f"worker {number} failed")
        if sys.version_info >= (3, 11):
            error2.add_note(f"seen by {number}")
        raise error2 from error


async def main():
    async with trio.open_nursery() as nursery:
        nursery.start_soon(worker, 1)


if len(sys.argv) > 1:
    from rich.traceback import install

    install(width=100)
trio.run(main)
