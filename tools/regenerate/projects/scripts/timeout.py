import faulthandler
import time

faulthandler.dump_traceback_later(0.3, exit=True)


def wait():
    time.sleep(5)


wait()
