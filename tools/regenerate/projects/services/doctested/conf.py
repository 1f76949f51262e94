import sys

sys.path[:0] = [".."]
extensions = ["sphinx.ext.doctest"]
