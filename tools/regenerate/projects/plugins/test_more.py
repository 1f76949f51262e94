import asyncio
import socket

import pytest


def describe_shop():
    def it_sells_tea():
        raise LookupError("no tea left")


def test_connects():
    socket.create_connection(("192.0.2.1", 80), timeout=1)


def test_called(mocker):
    bell = mocker.Mock()
    bell("ding", times=2)
    bell.assert_called_once_with("dong", times=2)


def test_speed(benchmark):
    assert benchmark(lambda: sum(range(50))) == 1


def test_compares(num_regression):
    num_regression.check({"prices": [1.0, 2.5]})


def test_snapshot(snapshot):
    assert {"tea": 3, "coffee": [1, 2]} == snapshot


@pytest.mark.asyncio
async def test_late():
    async with asyncio.timeout(0.01):
        await asyncio.sleep(1)
