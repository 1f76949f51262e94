import faulthandler
import os
import signal
import sys
import threading
import time

if sys.argv[1] == "usr1":
    faulthandler.register(signal.SIGUSR1, all_threads=True)
    threading.Thread(target=time.sleep, args=(2,), daemon=True).start()
    time.sleep(0.2)
    os.kill(os.getpid(), signal.SIGUSR1)
    sys.exit(1)
elif sys.argv[1] == "stack":
    faulthandler.enable()
    sys.setrecursionlimit(10**6)

    def deeper(n):
        return [deeper(n + 1)] and eval("deeper(n)")

    class Deep:
        def __getattr__(self, name):
            return getattr(self, name + "x") if False else repr(self)

        __repr__ = lambda self: str(self)  # noqa: E731

    repr(Deep())
elif sys.argv[1] == "init":
    os.execve(sys.executable, [sys.executable, "-c", "1"], {"PYTHONHOME": "/nowhere"})
elif sys.argv[1] == "encoding":
    os.execve(sys.executable, [sys.executable, "-c", "1"], {"PYTHONHOME": "", "PYTHONIOENCODING": "nothing"})
elif sys.argv[1] == "later":
    faulthandler.dump_traceback_later(0.3, exit=True)
    time.sleep(2)
elif sys.argv[1] == "fpe":
    faulthandler.enable()
    faulthandler._sigfpe()
elif sys.argv[1] == "fatal":
    import ctypes

    ctypes.pythonapi.Py_FatalError(b"the heap is broken")
