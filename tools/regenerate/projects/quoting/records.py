"""A runner's output as records of a log, as collectors and orchestrators write it."""

import json
import shlex
import subprocess
import sys

how, *command = sys.argv[1:]
done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
if how == "one":
    print(json.dumps({"ts": "2026-11-24T10:00:00Z", "level": "info", "msg": "job started"}))
    print(json.dumps({"ts": "2026-11-24T10:00:09Z", "level": "error", "msg": "step failed", "rc": done.returncode, "output": done.stdout}))
elif how == "python":
    print("INFO starting", shlex.join(command[1:]))
    print({"rc": done.returncode, "stdout": done.stdout})
elif how == "bytes":
    print(f"ERROR: command failed: rc={done.returncode} stdout={done.stdout.encode()!r}")
elif how == "raised":
    subprocess.run(command, check=True, capture_output=True) if done.returncode == 0 else None
    raise RuntimeError(f"{command[1:]} failed:\n{done.stdout}")
elif how == "list":
    print(json.dumps({"event": "runner_on_failed", "res": {"rc": done.returncode, "stdout_lines": done.stdout.splitlines()}}))
elif how == "indented":
    print(json.dumps({"task": "tests", "results": [{"rc": done.returncode, "stdout": done.stdout, "stdout_lines": done.stdout.splitlines()}]}, indent=4))
elif how == "events":
    for line in done.stdout.splitlines():
        print(json.dumps({"@timestamp": "2026-11-24T10:00:09.123Z", "log.level": "INFO", "message": line, "stream": "stdout"}))
elif how == "yaml":
    print("stdout: |-")
    for line in done.stdout.splitlines():
        print(f"    {line}".rstrip())
sys.exit(done.returncode)
