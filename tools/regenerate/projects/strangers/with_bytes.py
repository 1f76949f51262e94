import sys

print(b"tea" == "tea", file=sys.stderr)
