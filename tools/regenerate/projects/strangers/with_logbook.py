import sys

import logbook
from orders import buy

logbook.StreamHandler(sys.stderr).push_application()
try:
    buy(["coffee"])
except KeyError:
    logbook.Logger("shop").exception("cannot buy")
    sys.exit(1)
