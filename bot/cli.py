"""The command line: parse, call one function, print.

Exit status: 0 done, 1 an input could not be read or the service could not do its work, 2 usage or configuration.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Sequence

from bot import __version__

EPILOG = """\
examples:
  upriver analyze build.log                     whose fault is this red build?
  upriver analyze build.log --passing green.log --project mypkg
                                                better: compare with the last green run
  curl -s URL | upriver analyze -               read a log from standard input
  upriver analyze build.log --report            the Markdown that would be filed upstream
  upriver analyze --jobs jobs.jsonl --json      many jobs, one JSON object a line
  upriver serve                                 the service (a demonstration until an App is configured)
  upriver doctor                                what is missing, and what to do about it

exit status: 0 analysed · 1 an input could not be read (the others are still answered) · 2 usage
"""

_YOUNG = 50_000
"""Objects after which garbage is looked for: an analysis makes hundreds of thousands that live to its end, and hardly
a cycle; with Python's own 700 the search is a sixth of its time."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status."""
    parser = _parser()
    args = parser.parse_args(argv)
    if not hasattr(args, "run"):
        parser.print_help()
        return 2
    try:
        return int(args.run(parser, args))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader of our output left: no message
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="upriver",
        description="Finds the Python library behind a red CI build, says why, and tells its maintainers once.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"upriver {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    _analyze(commands)
    _serve(commands)
    _doctor(commands)
    return parser


def _analyze(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "analyze",
        help="read logs of failed jobs and decide whose fault they are",
        description="Read CI logs (plain, gzip, zstd, or the zip of an Actions run; any encoding), find the Python "
        "failures, and decide with evidence whether a third-party distribution is at fault. No service, no database, "
        "no credentials; the package index is asked, and cached, unless --offline.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("logs", nargs="*", metavar="LOG", help="a log file, or - for standard input")
    parser.add_argument("--jobs", metavar="FILE", help="read jobs from a JSON-lines file instead (- is standard input)")
    parser.add_argument("--passing", metavar="LOG", help="the last green run's log of the same job")
    parser.add_argument(
        "--project", metavar="NAME", help="the distribution under test, as its own name stands on the index"
    )
    parser.add_argument(
        "--as-of",
        metavar="TIME",
        help="when the job ran (ISO 8601; a day alone means its end, UTC): later releases are invisible. Default: now",
    )
    parser.add_argument(
        "--artifact",
        metavar="FILE",
        action="append",
        default=[],
        help="a file the job uploaded (JUnit XML, subunit, …)",
    )
    parser.add_argument(
        "--offline", action="store_true", help="ask the index nothing; use what is cached and say what is not"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a job, in order")
    parser.add_argument("--report", action="store_true", help="print the Markdown that would be filed upstream")
    parser.add_argument(
        "--cache", metavar="FOLDER", help="where the index's answers are kept (default: the user's cache)"
    )
    parser.add_argument("--index-url", metavar="URL", help="another package index (its simple API)")
    parser.add_argument("--extra-index-url", metavar="URL", action="append", help="one more beside it; repeat for more")
    parser.add_argument("--workers", type=int, metavar="N", help="processes for many jobs (default: one a core)")
    parser.add_argument("--color", choices=("auto", "always", "never"), default="auto", help=argparse.SUPPRESS)
    parser.set_defaults(run=_run_analyze)


def _run_analyze(parser: argparse.ArgumentParser, args: argparse.Namespace) -> int:
    from bot import analysis

    if bool(args.logs) == bool(args.jobs):
        parser.error("name one or more LOGs (or - for standard input), or a file of jobs with --jobs")
    if args.passing and len(args.logs) != 1:
        parser.error("--passing belongs to exactly one LOG; for many jobs use --jobs with passing_log")
    if args.json and args.report:
        parser.error("--json and --report are two different outputs: choose one")
    gc.set_threshold(_YOUNG)
    try:
        return analysis.run(args)
    except analysis.UsageError as error:
        parser.error(str(error))


def _serve(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "serve",
        help="run the service",
        description="Run the service: webhooks, Gerrit streams, HTTP intake, pages. Without a configured App it runs "
        "as a demonstration beside a stand-in for github.com. Settings are environment variables (docs/settings.md).",
    )
    parser.add_argument("--host", help="address to listen on (UPRIVER_HOST; default 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on (UPRIVER_PORT; default 8080)")
    parser.add_argument("--data", metavar="FOLDER", help="database, logs and credentials (UPRIVER_DATA)")
    parser.add_argument("--demo", action="store_true", help="run the demonstration even where an App is configured")
    parser.set_defaults(run=_run_serve)


def _run_serve(_parser: argparse.ArgumentParser, args: argparse.Namespace) -> int:
    from bot import app, config, demo
    from bot.errors import UpriverError

    chosen = {name: getattr(args, name) for name in ("host", "port", "data") if getattr(args, name) is not None}
    try:
        settings = config.load(**chosen)
        return demo.run(settings) if args.demo or not app.configured(settings) else app.run(settings)
    except UpriverError as error:
        print(f"upriver: {error}", file=sys.stderr)
        return 2


def _doctor(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "doctor",
        help="check the configuration and every counterpart, and say what to fix",
        description="Check settings, database, index, GitHub App and Gerrit servers; say what is wrong and what to do.",
    )
    parser.set_defaults(run=_run_doctor)


def _run_doctor(_parser: argparse.ArgumentParser, _args: argparse.Namespace) -> int:
    from bot import app, config
    from bot.errors import UpriverError

    try:
        return app.doctor(config.load())
    except UpriverError as error:
        print(f"upriver: {error}", file=sys.stderr)
        return 2
