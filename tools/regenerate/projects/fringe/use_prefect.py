import os

os.environ["PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS"] = "60"
from orders import buy
from prefect import flow, task


@task(retries=1)
def sell(name):
    return buy([name])


@flow
def shop():
    return sell("coffee")


shop()
