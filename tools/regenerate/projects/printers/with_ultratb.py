import sys

from IPython.core import ultratb

import shop

sys.excepthook = ultratb.FormattedTB(mode=sys.argv[1], color_scheme="NoColor") if "old" in sys.argv else ultratb.FormattedTB(mode=sys.argv[1], theme_name="nocolor")
shop.total(["tea", "coffee"])
