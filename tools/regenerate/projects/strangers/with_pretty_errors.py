import sys

import pretty_errors

if sys.argv[1] == "short":
    pretty_errors.configure(separator_character="-", filename_display=pretty_errors.FILENAME_EXTENDED, line_number_first=True,
        lines_before=2, lines_after=2, display_locals=True)
from orders import buy

buy(["tea"], "many" if sys.argv[1] == "chained" else "3") if sys.argv[1] == "chained" else buy(["coffee"])
