import sys

import eliot
from orders import buy

eliot.to_file(sys.stderr)
with eliot.start_action(action_type="shop:buy"):
    try:
        buy(["coffee"])
    except KeyError:
        eliot.write_traceback()
        sys.exit(1)
