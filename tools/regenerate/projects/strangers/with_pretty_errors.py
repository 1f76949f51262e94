import sys

import pretty_errors

from orders import buy

buy(["tea"], "many" if sys.argv[1] == "chained" else "3") if sys.argv[1] == "chained" else buy(["coffee"])
