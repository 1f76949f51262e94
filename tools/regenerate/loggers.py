"""What logging libraries, interactive shells and workers make of an exception."""

from __future__ import annotations

from collections.abc import Iterator

from tools.regenerate.sample import Sample

_TABLE: tuple[tuple[str, str, tuple[str, ...], str], ...] = (
    ("oslo_log/plain@6.2.0", "3.11", ("oslo.log==6.2.0", "setuptools<80"), "{python} use_oslo.py"),
    ("oslo_log/plain@4.1.1", "3.8", ("oslo.log==4.1.1", "setuptools<80"), "{python} use_oslo.py"),
    ("loguru/plain@0.7.3", "3.11", ("loguru==0.7.3",), "{python} use_loguru.py"),
    ("loguru/plain@0.5.3", "3.8", ("loguru==0.5.3",), "{python} use_loguru.py"),
    ("rich/uncaught@13.9.4", "3.11", ("rich==13.9.4",), "{python} use_rich.py"),
    ("rich/uncaught@10.16.2", "3.8", ("rich==10.16.2",), "{python} use_rich.py"),
    ("rich/logged@13.9.4", "3.11", ("rich==13.9.4",), "{python} use_rich_locals.py && echo 'Job succeeded'"),
    ("structlog/json@24.4.0", "3.11", ("structlog==24.4.0",), "{python} use_structlog.py json"),
    ("structlog/dicts@24.4.0", "3.11", ("structlog==24.4.0",), "{python} use_structlog.py dicts"),
    ("structlog/console@24.4.0", "3.11", ("structlog==24.4.0",), "{python} use_structlog.py console"),
    ("structlog/jsonlogger@2.0.7", "3.11", ("python-json-logger==2.0.7",), "{python} use_jsonlogger.py"),
    ("workers/joblib@1.4.2", "3.11", ("joblib==1.4.2",), "{python} use_joblib.py"),
    ("workers/joblib@0.14.1", "3.8", ("joblib==0.14.1",), "{python} use_joblib.py"),
    ("workers/trio@0.27.0", "3.11", ("trio==0.27.0",), "{python} use_trio.py"),
    ("workers/trio@0.27.0+3.9", "3.9", ("trio==0.27.0",), "{python} use_trio.py"),
    ("workers/celery@5.4.0", "3.11", ("celery==5.4.0",), "{python} use_celery.py"),
    ("ipython/script@8.31.0", "3.11", ("ipython==8.31.0",), "{bin}/ipython --colors=NoColor in_ipython.py"),
    ("ipython/script@7.34.0", "3.8", ("ipython==7.34.0",), "{bin}/ipython --colors=NoColor in_ipython.py"),
    ("ipython/script@9.1.0", "3.13", ("ipython==9.1.0",), "{bin}/ipython in_ipython.py"),
    ("ipython/notebook@0.10.2", "3.11", ("nbclient==0.10.2", "ipykernel==6.29.5"), "{python} notebook.py"),
    ("logging/tornado@3.11", "3.11", (), "{python} tornado_app.py"),
)  # fmt: skip


def samples() -> Iterator[Sample]:
    """One row, one sample."""
    for name, python, packages, command in _TABLE:
        yield Sample(name=name, project="logging", python=python, packages=packages, command=command)
