import logging
import sys

import stackprinter
from orders import buy

if sys.argv[1] == "hook":
    stackprinter.set_excepthook(style="plaintext")
    buy(["tea"], "many")
elif sys.argv[1] == "log":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    try:
        buy(["tea", "coffee"])
    except KeyError as error:
        logging.error("no such thing\n%s", stackprinter.format(error))
    sys.exit(1)
else:
    stackprinter.set_excepthook(style="darkbg2", line_wrap=60, add_summary=True)
    buy(["tea", "coffee"])
