"""Log text and artifacts to a Reading: one pass over bytes, one module per dialect."""

from bot.extract.reading import read

__all__ = ["read"]
