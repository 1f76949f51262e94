import logging

from shop import prices

logging.basicConfig(format="%(asctime)s [%(process)d] %(levelname)s %(name)s: %(message)s")
log = logging.getLogger("shop.worker")
try:
    prices.total(["coffee"])
except KeyError:
    log.exception("could not price %s", "coffee")
log.warning("going on")
print("finished")
