import sys

from loguru import logger

import shop

logger.remove()
logger.add(sys.stdout, diagnose=True, backtrace=True, colorize="colour" in sys.argv)
try:
    shop.total(["tea", "coffee"])
except Exception:
    logger.exception("could not sum up")


@logger.catch
def caught():
    shop.total(["milk"])


caught()
sys.exit(1)
