"""Makes the real outputs that the dialects' and artifacts' tests read: `python -m tools.regenerate [WORD…]`."""
