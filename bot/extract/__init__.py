"""Log text and artifacts to a Reading: one pass over bytes, one module per dialect."""
