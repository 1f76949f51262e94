import logging
import sys

import fakeredis
import jobs
from rq import Queue, SimpleWorker

connection = fakeredis.FakeStrictRedis()
queue = Queue(connection=connection)
queue.enqueue(jobs.sell, "coffee")
SimpleWorker([queue], connection=connection).work(burst=True)
sys.exit(1)
