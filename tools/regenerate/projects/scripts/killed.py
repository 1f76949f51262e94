import os
import signal

print("working", flush=True)
os.kill(os.getpid(), signal.SIGKILL)
