import multiprocessing
import sys

import tblib.pickling_support

import shop

tblib.pickling_support.install()


def work(names):
    try:
        return shop.total(names)
    except Exception:
        return sys.exc_info()


if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        (found,) = pool.map(work, [["coffee"]])
    raise found[1].with_traceback(found[2])
