import sys

from huey import SqliteHuey
from huey.consumer_options import ConsumerConfig
from orders import buy

huey = SqliteHuey(filename="queue.db", immediate=False)


@huey.task()
def sell(name):
    return buy([name])


if __name__ == "__main__":
    sell("coffee")
    import logging
    import threading
    import time

    logging.basicConfig(level=logging.INFO, format="[%(asctime)s] %(levelname)s:%(name)s:%(threadName)s:%(message)s")
    consumer = huey.create_consumer(workers=1)
    threading.Thread(target=lambda: (time.sleep(2), consumer.stop())).start()
    consumer.start()
    time.sleep(2.5)
    sys.exit(1)
