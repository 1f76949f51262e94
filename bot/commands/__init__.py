"""Comment text to Commands; one table of words, opposites and who may."""
