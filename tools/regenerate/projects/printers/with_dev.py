import asyncio
import threading
import warnings

import shop


async def main():
    task = asyncio.create_task(later())
    await asyncio.sleep(0)
    open(__file__)
    warnings.warn("old", DeprecationWarning)
    del task


async def later():
    shop.total(["coffee"])


class Careless:
    def __del__(self):
        shop.price("sugar")


Careless()
asyncio.run(main())
threading.Thread(target=shop.total, args=(["honey"],), name="seller").start()
raise SystemExit("the shop is closed")
