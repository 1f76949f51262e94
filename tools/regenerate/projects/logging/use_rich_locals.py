import logging

from rich.logging import RichHandler

logging.basicConfig(level="INFO", format="%(message)s", handlers=[RichHandler(rich_tracebacks=True)])
import failing

try:
    failing.total(["coffee"])
except KeyError:
    logging.getLogger("shop").exception("could not serve")
raise SystemExit(0)
