import sys

from loguru import logger

import failing

try:
    failing.handle()
except ValueError:
    logger.exception("Could not serve")


@logger.catch(reraise=True)
def main():
    failing.total(["milk"])


main()
