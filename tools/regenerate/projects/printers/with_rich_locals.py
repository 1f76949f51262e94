import sys

from rich.console import Console
from rich.traceback import install

import shop

install(show_locals=True, console=Console(width=int(sys.argv[1]), file=sys.stdout, force_terminal="colour" in sys.argv))
shop.total(["tea", "coffee"])
