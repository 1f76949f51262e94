"""The web layer: what it takes, what it shows, and to whom."""
