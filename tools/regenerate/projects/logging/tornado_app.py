import logging

logging.basicConfig(format="[%(levelname).1s %(asctime)s %(module)s:%(lineno)d] %(message)s")
import failing

try:
    failing.handle()
except ValueError:
    logging.getLogger("tornado.application").error("Uncaught exception", exc_info=True)
    raise SystemExit(1)
