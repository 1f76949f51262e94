"""Run one of Gerrit's programs in this process: `python jvm.py JAVA_HOME HEAP CLASSPATH CLASS [ARGUMENT…]`."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import jpype

FLAGS = (
    "-Dflogger.backend_factory=com.google.common.flogger.backend.log4j.Log4jBackendFactory#getInstance",
    "-Dflogger.logging_context=com.google.gerrit.server.logging.LoggingContext#getInstance",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Djava.awt.headless=true",
)


def end_with(parent: int) -> None:
    """Leave nothing behind where the tests themselves were killed."""
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> int:
    threading.Thread(target=end_with, args=(os.getppid(),), daemon=True).start()
    home, heap, classpath, name, *arguments = sys.argv[1:]
    library = Path(home) / "lib" / "server" / "libjvm.so"
    jpype.startJVM(str(library), f"-Xmx{heap}", *FLAGS, classpath=classpath.split(":"))
    return int(jpype.JClass(name)().main(arguments))


if __name__ == "__main__":
    sys.exit(main())
