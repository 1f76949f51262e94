import sys

import structlog

import failing

if sys.argv[1] == "json":
    structlog.configure(
        processors=[structlog.processors.add_log_level, structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
elif sys.argv[1] == "dicts":
    structlog.configure(
        processors=[structlog.processors.add_log_level, structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer()]
    )
else:
    structlog.configure(processors=[structlog.processors.add_log_level, structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)])
log = structlog.get_logger()
try:
    failing.handle()
except ValueError:
    log.exception("could_not_serve", item="coffee")
    sys.exit(1)
