"""Run one of Gerrit's programs in this process: `python jvm.py JAVA_HOME HEAP CLASSPATH CLASS [ARGUMENT…]`."""

import sys
from pathlib import Path

import jpype

FLAGS = (
    "-Dflogger.backend_factory=com.google.common.flogger.backend.log4j.Log4jBackendFactory#getInstance",
    "-Dflogger.logging_context=com.google.gerrit.server.logging.LoggingContext#getInstance",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Djava.awt.headless=true",
)


def main() -> int:
    home, heap, classpath, name, *arguments = sys.argv[1:]
    library = Path(home) / "lib" / "server" / "libjvm.so"
    jpype.startJVM(str(library), f"-Xmx{heap}", *FLAGS, classpath=classpath.split(":"))
    return int(jpype.JClass(name)().main(arguments))


if __name__ == "__main__":
    sys.exit(main())
