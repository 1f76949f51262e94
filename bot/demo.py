"""The demonstration: a busy week of real failing jobs, played by the stand-in through signed webhooks."""
