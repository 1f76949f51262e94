"""Python source read, never run: what modules define, and what names in them stand for."""
