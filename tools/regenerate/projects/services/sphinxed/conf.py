import sys

sys.path[:0] = [".", "sphinxed"]
extensions = ["failing"]
