import logging
import sys

from traceback_with_variables import activate_by_import, print_exc  # noqa: F401
from orders import buy

if sys.argv[1] == "handled":
    try:
        buy(["coffee"])
    except KeyError:
        print_exc()
    sys.exit(3)
buy(["tea"], "many")
