"""Tracebacks in what is printed of a value: a repr, a JSON document, a message of one line."""

import json
import logging
import sys
import traceback

from orders import buy

logging.basicConfig(level=logging.INFO, format="%(asctime)s [%(levelname)s] %(name)s: %(message)s", stream=sys.stdout)
try:
    buy(["tea"], "many")
except Exception:
    text = traceback.format_exc()
how = sys.argv[1]
if how == "repr":
    print({"ok": False, "error": text})
elif how == "bytes":
    print("child said", text.encode())
elif how == "lines":
    print(text.splitlines())
elif how == "raised":
    raise RuntimeError(repr(text))
elif how == "raised_lines":
    raise RuntimeError("worker failed:\n" + text)
elif how == "logged":
    logging.error("task failed: %r", text)
elif how == "json":
    print(json.dumps({"level": "error", "msg": "task failed", "exc_info": text}))
elif how == "piped":
    print(text.replace("\n", "|"))
elif how == "escaped":
    logging.error("task failed: %s", text.replace("\n", "#012"))
sys.exit(1)
