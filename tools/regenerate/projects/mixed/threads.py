import faulthandler
import os
import threading
import time

faulthandler.enable()


def sleeps():
    time.sleep(5)


for n in range(2):
    threading.Thread(target=sleeps, name="sleeper-%d" % n, daemon=True).start()


def ends():
    os.abort()


ends()
