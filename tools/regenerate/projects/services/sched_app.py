import datetime
import logging
import time

from apscheduler.schedulers.background import BackgroundScheduler

import shop

logging.basicConfig(format="%(asctime)s %(levelname)-8s [%(name)s] %(message)s")
scheduler = BackgroundScheduler(timezone="UTC")
scheduler.add_job(shop.order, args=[["coffee"]], id="order", next_run_time=datetime.datetime.now(datetime.timezone.utc))
scheduler.start()
time.sleep(0.5)
raise SystemExit(2)
