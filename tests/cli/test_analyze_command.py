"""`upriver analyze` as a user meets it: every input gets an answer or a clear error, and the exit status says which."""

import gzip
import io
import json
import os
import random
import subprocess
import sys

import pytest

from bot.cli import main

TRACEBACK = b"""\
Collecting anvil
Successfully installed anvil-2.0
Traceback (most recent call last):
  File "/home/runner/work/forge/forge/run.py", line 3, in <module>
    main()
  File "/home/runner/work/forge/forge/run.py", line 2, in main
    {}["x"]
KeyError: 'x'
##[error]Process completed with exit code 1.
"""
KEYS = {
    "id", "verdict", "confidence", "action", "fixed_in", "culprit", "trigger", "tracker", "fingerprint", "group",
    "failures", "failures_total", "handled", "evidence", "environment", "bytes", "seconds",
}  # fmt: skip


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("UPRIVER_CACHE", str(tmp_path / "cache"))

    def go(*argv):
        code = main(["analyze", "--offline", *map(str, argv)])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return go


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "build.log"
    path.write_bytes(TRACEBACK)
    return path


def test_json_keeps_the_contract(run, log):
    code, out, _ = run("--json", log)
    (row,) = map(json.loads, out.splitlines())
    assert code == 0
    assert set(row) >= KEYS
    assert row["verdict"] in {"upstream", "project", "environment", "none"}
    assert 0 <= row["confidence"] <= 1
    (failure,) = row["failures"]
    assert (failure["exception"], failure["message"], failure["root"]) == ("KeyError", "'x'", True)
    assert failure["frames"][-1]["line"] == 2
    assert failure["span"] == [3, 8]
    assert row["environment"]["distributions"] == {"anvil": "2.0"}
    assert row["bytes"] == len(TRACEBACK)


def test_a_person_gets_words(run, log):
    code, out, _ = run(log)
    assert code == 0
    assert "KeyError: 'x'" in out
    assert "sure)" in out


def test_report_says_why_nothing_would_be_filed(run, log):
    code, out, _ = run("--report", log)
    assert code == 0
    assert out.startswith("Nothing would be filed")


def hostile(tmp_path):
    random.seed(7)
    whole = gzip.compress(TRACEBACK * 50)
    return {
        "empty": b"",
        "zeros": b"\0" * 3_000_000,
        "random": random.randbytes(400_000),
        "truncated": whole[: len(whole) // 2],
        "no-gzip": b"\x1f\x8b" + b"junk",
        "no-zip": b"PK\x03\x04junk",
        "no-zstd": b"\x28\xb5\x2f\xfdjunk",
        "one-line": b"x" * 2_000_000,
        "utf16": TRACEBACK.decode().encode("utf-16"),
        "latin": TRACEBACK + "Ärger\n".encode("latin-1"),
        "cut": TRACEBACK[:-70],
    }


@pytest.mark.parametrize("name", sorted(hostile(None)))
def test_every_input_gets_an_answer_or_a_clear_error(run, tmp_path, name):
    path = tmp_path / name
    path.write_bytes(hostile(tmp_path)[name])
    code, out, err = run("--json", path)
    (row,) = map(json.loads, out.splitlines())
    assert code in {0, 1}
    assert (code == 1) == ("error" in row) == bool(err)
    assert "defect of Upriver" not in err


def test_a_directory_and_a_missing_file_are_said_to_be_so(run, tmp_path):
    code, _, err = run(tmp_path)
    assert (code, "is a directory" in err) == (1, True)
    code, _, err = run(tmp_path / "nothing")
    assert (code, "does not exist" in err) == (1, True)


def test_the_others_are_still_answered_in_order(run, tmp_path, log):
    jobs = tmp_path / "jobs.jsonl"
    rows = [
        {
            "id": str(n),
            "log": str(log if n % 3 else tmp_path / "gone"),
            "passing_log": None,
            "project": None,
            "as_of": None,
            "artifacts": {},
        }
        for n in range(9)
    ]
    jobs.write_text("\n".join(map(json.dumps, rows)))
    code, out, err = run("--json", "--jobs", jobs)
    answers = [json.loads(line) for line in out.splitlines()]
    assert code == 1
    assert [row["id"] for row in answers] == [row["id"] for row in rows]
    assert [("error" in row) for row in answers] == [n % 3 == 0 for n in range(9)]
    assert err.count("does not exist") == 3
    assert len({row["group"] for row in answers if "error" not in row}) == 1


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        ([], "name one or more LOGs"),
        (["a", "--jobs", "b"], "name one or more LOGs"),
        (["a", "b", "--passing", "c"], "exactly one LOG"),
        (["a", "--json", "--report"], "choose one"),
        (["a", "--as-of", "yesterday"], "ISO 8601"),
        (["--jobs", "/nonexistent"], "No such file"),
    ],
)
def test_wrong_usage_is_exit_status_2_and_says_what_to_do(argv, says, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["analyze", "--offline", *argv])
    assert stop.value.code == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize("row", ["{", "[1]", '{"id": "x"}'])
def test_a_broken_jobs_file_names_its_line(tmp_path, capsys, row):
    jobs = tmp_path / "jobs"
    jobs.write_text('\n{"id": "a", "log": "b"}\n' + row)
    with pytest.raises(SystemExit):
        main(["analyze", "--offline", "--jobs", str(jobs)])
    assert "line 3" in capsys.readouterr().err


def test_standard_input_and_a_closed_pipe(log, tmp_path):
    environment = {**os.environ, "UPRIVER_CACHE": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "bot", "analyze", "--offline", "--json", "-"],
        input=TRACEBACK,
        capture_output=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["failures_total"] == 1


def test_help_teaches(capsys):
    with pytest.raises(SystemExit):
        main(["analyze", "--help"])
    text = capsys.readouterr().out
    assert "examples:" in text
    assert "exit status" in text
    assert main([]) == 2


def test_starting_it_loads_no_engine_and_no_web_framework():
    code = "import sys; import bot.cli, bot.analysis, bot.render.contract; print([m for m in ('dbos', 'aiohttp', 'sqlalchemy', 'pydantic', 'requests', 'griffe') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_worker_process_speaks_json(log, tmp_path):
    from bot.worker import serve_one

    request = {"job": {"id": "a", "log": str(log)}, "index": {"cache": str(tmp_path), "offline": True}}
    sink = io.StringIO()
    assert serve_one(io.BytesIO(json.dumps(request).encode()), sink) == 0
    answer = json.loads(sink.getvalue())
    assert answer["reading"]["failures_total"] == 1
    assert any("KeyError" in line for line in answer["regions"][0]["lines"])
    sink = io.StringIO()
    request["job"]["log"] = str(tmp_path / "gone")
    assert serve_one(io.BytesIO(json.dumps(request).encode()), sink) == 1
    assert "does not exist" in json.loads(sink.getvalue())["error"]
