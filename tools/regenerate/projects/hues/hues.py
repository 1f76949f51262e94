"""What 3.13 colours.

>>> total(["tea"])
4
>>> total(["coffee"])
3
"""

import logging
import multiprocessing
import sys
import threading

from shop import total


def grouped():
    errors = []
    for names in (["coffee"], [3]):
        try:
            total(names)
        except KeyError as error:
            error.add_note(f"while counting {names}")
            errors.append(error)
    group = ExceptionGroup("two orders", errors)
    group.add_note("both today")
    raise group


def work(name):
    return total([name])


if __name__ == "__main__":
    how = sys.argv[1]
    if how == "log":
        try:
            total(["coffee"])
        except KeyError:
            logging.exception("cannot count")
        open("hues.py")
        sys.exit(1)
    elif how == "pool":
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            pool.map(work, ["coffee"])
    elif how == "thread":
        thread = threading.Thread(target=work, args=("coffee",), name="counter")
        thread.start()
        thread.join()
        sys.exit(1)
    elif how == "group":
        grouped()
    elif how == "syntax":
        compile("def f(:\n    pass\n", "made.py", "exec")
    elif how == "name":
        totl(["tea"])
