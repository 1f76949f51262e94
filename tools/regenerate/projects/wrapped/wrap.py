"""Put in front of each line of standard input what a CI puts there: `python wrap.py actions`."""

import datetime
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
    "earthly": lambda t, n, line: f"              +test | {line}",
}


def main(way):
    out = open(sys.stdout.fileno(), "w", encoding="utf-8", newline="\n", closefd=False)
    clock = stamps()
    for number, line in enumerate(sys.stdin.read().split("\n")[:-1]):
        out.write(WAYS[way](next(clock), number, line) + "\n")


main(sys.argv[1])
