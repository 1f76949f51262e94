import logging
import sys

import sentry_sdk
from orders import buy

logging.basicConfig(level=logging.DEBUG)
sentry_sdk.init(debug=True, transport=lambda event: None)
try:
    buy(["coffee"])
except KeyError as error:
    sentry_sdk.capture_exception(error)
    raise
