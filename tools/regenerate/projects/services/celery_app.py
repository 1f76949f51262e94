import celery

import shop

app = celery.Celery("shop", broker="memory://", backend="cache+memory://")
app.conf.worker_send_task_events = False


@app.task(bind=True, max_retries=0)
def buy(self, name):
    try:
        shop.order([name])
    except LookupError as error:
        raise self.retry(exc=error)


@app.task
def plain(name):
    shop.order([name])


if __name__ == "__main__":
    from celery.contrib.testing.worker import start_worker

    with start_worker(app, perform_ping_check=False, loglevel="INFO"):
        plain.delay("coffee")
        buy.delay("milk")
        import time

        time.sleep(1)
