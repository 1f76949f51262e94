import sys
import threading
import time

from celery import Celery

import failing

app = Celery("shop", broker="memory://", backend="cache+memory://")
app.conf.worker_hijack_root_logger = True


@app.task
def price(name):
    return failing.price(name)


if __name__ == "__main__":
    price.delay("coffee")

    def stop():
        time.sleep(3)
        import os
        import signal

        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=stop, daemon=True).start()
    app.worker_main(["worker", "--pool=solo", "--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "ERROR"])
