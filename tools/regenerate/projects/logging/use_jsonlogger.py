import logging
import sys

from pythonjsonlogger import jsonlogger

import failing

handler = logging.StreamHandler()
handler.setFormatter(jsonlogger.JsonFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
logging.getLogger().addHandler(handler)
try:
    failing.handle()
except ValueError:
    logging.getLogger("shop").exception("could not serve")
    sys.exit(1)
