"""Put in front of each line of standard input what a CI puts there: `python wrap.py actions`; the first of several last."""

import datetime
import html
import json
import sys

START = datetime.datetime(2026, 11, 24, 10, 59, 58, 123456)


def stamps():
    now = START
    while True:
        yield now
        now += datetime.timedelta(milliseconds=137)


WAYS = {
    "actions": lambda t, n, line: f"{t.isoformat()}7Z {line}",
    "actions_run": lambda t, n, line: f"build (3.12)\tRun tests\t{t.isoformat()}7Z {line}",
    "zuul": lambda t, n, line: f"{t} | ubuntu-noble | {line}",
    "gitlab": lambda t, n, line: f"{t.isoformat()}Z 01O {line}",
    "jenkins": lambda t, n, line: f"[{t.isoformat(timespec='milliseconds')}Z] {line}",
    "jenkins_elapsed": lambda t, n, line: f"{str(t - START)[:7].rjust(8, '0')}  {line}",
    "azure": lambda t, n, line: f"{t.isoformat()}0Z {line}",
    "buildkite": lambda t, n, line: f"\x1b_bk;t={int(t.timestamp() * 1000)}\x07{line}",
    "compose": lambda t, n, line: f"tests-1  | {line}",
    "compose_plain": lambda t, n, line: f"web  | {line}",
    "kubectl": lambda t, n, line: f"[pod/tests-5f6d8-x2z/main] {line}",
    "kubernetes": lambda t, n, line: f"{t.isoformat()}789Z stderr F {line}",
    "journald": lambda t, n, line: f"{t:%b %d %H:%M:%S} host-1 tests[4711]: {line}",
    "docker_build": lambda t, n, line: f"#12 {n / 10:.3f} {line}",
    "docker_json": lambda t, n, line: json.dumps({"log": line + "\n", "stream": "stderr", "time": t.isoformat() + "Z"}),
    "circle": lambda t, n, line: line.replace("\n", "\r\n") + "\r",
    "ts": lambda t, n, line: f"{t:%b %d %H:%M:%S} {line}",
    "make": lambda t, n, line: f"  {line}",
    "npm": lambda t, n, line: f"[tests] {line}",
    "bazel": lambda t, n, line: f"(10:59:{n % 60:02}) {line}",
    "travis": lambda t, n, line: f"\x1b[0K{line}",
    "teamcity": lambda t, n, line: f"[{t:%H:%M:%S}] :\t [Step 1/2] {line}",
    "ansible": lambda t, n, line: f"        \"{line.replace(chr(92), chr(92) * 2).replace(chr(34), chr(92) + chr(34))}\",",
    "cirrus": lambda t, n, line: f"{t:%H:%M:%S}.{t.microsecond // 1000:03} {line}",
    "concourse": lambda t, n, line: f"{t:%H:%M:%S}  {line}",
    "drone": lambda t, n, line: f"[tests:{n}] {line}",
    "act": lambda t, n, line: f"[CI/test-1]   | {line}",
    "airflow": lambda t, n, line: f"[{t.isoformat(timespec='milliseconds')}+0000] {{subprocess.py:106}} INFO - {line}",
    "ant": lambda t, n, line: f"     [exec] {line}",
    "autopkgtest": lambda t, n, line: f"{40 + n // 7:3d}s {line}",
    "heroku": lambda t, n, line: f"{t.isoformat()}+00:00 app[web.1]: {line}",
    "logcat": lambda t, n, line: f"{t:%m-%d %H:%M:%S}.{t.microsecond // 1000:03} I/python.stdout( 2345): {line}",
    "logfmt": lambda t, n, line: f'time="{t.isoformat()}Z" level=info msg={json.dumps(line)} app=tests',
    "loki": lambda t, n, line: json.dumps({"ts": t.isoformat(), "line": line}),
    "maven": lambda t, n, line: f"[INFO] {line}",
    "nix": lambda t, n, line: f"python3.12-shop> {line}",
    "page": lambda t, n, line: html.escape(line),
    "padded": lambda t, n, line: f"{line}   ",
    "swarm": lambda t, n, line: f"shop_tests.1.k3jd82h@node-2    | {line}",
    "tekton": lambda t, n, line: f"[unit-tests : run] {line}",
    "vagrant": lambda t, n, line: f"    default: {line}",
    "earthly": lambda t, n, line: f"              +test | {line}",
}


def main(ways):
    lines = sys.stdin.read().split("\n")[:-1]
    for way in reversed(ways):
        clock = stamps()
        lines = [WAYS[way](next(clock), number, line) for number, line in enumerate(lines)]
    out = open(sys.stdout.fileno(), "w", encoding="utf-8", newline="\n", closefd=False)
    out.writelines(f"{line}\n" for line in lines)


main(sys.argv[1:])
