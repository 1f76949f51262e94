import sys

import structlog

import shop

log = structlog.get_logger("shop")
try:
    shop.total(["tea", "coffee"])
except Exception:
    log.exception("could not sum up", names=["tea", "coffee"])
sys.exit(1)
