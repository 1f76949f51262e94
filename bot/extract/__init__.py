"""Log text and artifacts to a Reading: one pass over bytes, one module per dialect."""

from bot.extract.needles import Shelf
from bot.extract.reading import read

__all__ = ["Shelf", "read"]
