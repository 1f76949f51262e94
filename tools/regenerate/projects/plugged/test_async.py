import asyncio
import threading
import warnings

import pytest

from shop import till


async def test_awaits():
    await till.later(0)


async def test_gathers():
    async with asyncio.TaskGroup() as group:
        group.create_task(till.later(0))
        group.create_task(till.later(None))


@pytest.fixture
async def resource():
    await asyncio.sleep(0)
    yield 1
    await till.later(0)


async def test_uses(resource):
    assert resource == 1


def test_thread():
    thread = threading.Thread(target=till.pay, args=(0,), name="payer")
    thread.start()
    thread.join()


def test_unraisable():
    class Careless:
        def __del__(self):
            till.pay(0)

    Careless()


def test_warns():
    warnings.warn("till is old", DeprecationWarning)


async def test_left_behind():
    loop = asyncio.get_running_loop()
    loop.call_soon(till.pay, 0)
    await asyncio.sleep(0.01)
