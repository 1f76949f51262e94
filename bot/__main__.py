"""`python -m bot` is `upriver`."""

import sys

from bot.cli import main

sys.exit(main())
