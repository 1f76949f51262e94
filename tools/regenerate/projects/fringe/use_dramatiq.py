import logging
import sys
import time

import dramatiq
from dramatiq.brokers.stub import StubBroker
from orders import buy

logging.basicConfig(level=logging.INFO, format="[%(asctime)s] [PID %(process)d] [%(threadName)s] [%(name)s] [%(levelname)s] %(message)s")
broker = StubBroker()
dramatiq.set_broker(broker)


@dramatiq.actor(max_retries=1, min_backoff=10)
def sell(name):
    return buy([name])


worker = dramatiq.Worker(broker, worker_timeout=100, worker_threads=1)
worker.start()
sell.send("coffee")
time.sleep(1.5)
worker.stop()
sys.exit(1)
