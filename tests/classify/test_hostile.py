"""Whatever a log prints, it is judged: never an exception, never a question that the index could not be asked."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.classify import judge, questions
from bot.facts import Fact, Facts
from bot.model import (
    Case,
    Ending,
    EndKind,
    Environment,
    Failure,
    Frame,
    Installed,
    Phase,
    Raised,
    Reading,
    Relation,
    Remark,
    normalized,
)

WORDS = st.sampled_from(
    ["cannot import name", "No module named", "has no attribute", "got an unexpected keyword argument", "'", "x", "numpy", "/", "\n",
     "object", "module", "(", ")", "Failed to build `a==1`", "As of 3.10", "Errno 28", "…", "\x00", "depends on a and b", "flask"]
)  # fmt: skip
TEXT = st.one_of(st.lists(WORDS, max_size=12).map(" ".join), st.text(max_size=60))
PATHS = st.one_of(
    st.sampled_from(
        ["/x/lib/python3.11/site-packages/flask/app.py", "/x/lib/python3.11/json/decoder.py", "shop/cart.py", "<string>", "<frozen x>",
         "C:\\x\\lib\\site-packages\\numpy\\a.py", "/tmp/pip-build-env-1/overlay/lib/python3.9/site-packages/setuptools/x.py", "/a", ""]
    ),
    st.text(max_size=40),
)  # fmt: skip
FRAMES = st.builds(
    Frame,
    file=PATHS,
    line=st.one_of(st.none(), st.integers(0, 10**9)),
    function=st.one_of(st.none(), st.sampled_from(["<module>", "f", "__getattr__", "a.b.C.d"]), st.text(max_size=10)),
    source=st.one_of(st.none(), TEXT),
)
KINDS = st.sampled_from(
    [
        "ImportError",
        "ModuleNotFoundError",
        "AttributeError",
        "TypeError",
        "NameError",
        "SyntaxError",
        "KeyError",
        "OSError",
        "",
        "a.b.C",
    ]
)
PARTS = st.builds(
    Raised,
    exception=KINDS,
    message=TEXT,
    frames=st.lists(FRAMES, max_size=5).map(tuple),
    relation=st.one_of(st.none(), st.sampled_from(list(Relation))),
    of=st.one_of(st.none(), st.integers(-2, 6)),
)
FAILURES = st.builds(
    Failure,
    chain=st.lists(PARTS, min_size=1, max_size=4).map(tuple),
    phase=st.sampled_from(list(Phase)),
    dialect=st.sampled_from(["python", "pytest", "tool", "faulthandler", "rich"]),
    root=st.booleans(),
)
INSTALLED = st.builds(
    Installed,
    name=st.sampled_from(["flask", "numpy", "shop", "pytest", "x"]).map(normalized),
    version=st.one_of(st.sampled_from(["1.0", "2.0rc1", "junk"]), st.text(max_size=6)),
    line=st.just(1),
    how=st.just("uv"),
    local=st.booleans(),
)
READINGS = st.builds(
    Reading,
    failures=st.lists(FAILURES, max_size=4).map(tuple),
    environment=st.builds(
        Environment,
        python=st.one_of(st.none(), TEXT, st.just("3.11.7")),
        installed=st.lists(INSTALLED, max_size=5).map(tuple),
    ),
    remarks=st.lists(st.builds(Remark, text=TEXT, line=st.integers(0, 50)), max_size=4).map(tuple),
    ending=st.builds(Ending, kind=st.sampled_from(list(EndKind)), text=TEXT),
)


@given(reading=READINGS, passing=st.one_of(st.none(), READINGS))
def test_anything_is_judged(reading, passing):
    case = Case(reading=reading, passing=passing, project=normalized("shop"))
    facts = Facts()
    for _ in range(4):
        wanted = questions(case, facts)
        assert all(question.distribution for question in wanted)
        facts = facts.with_([Fact(question=question, answer=None, known=False, reason="x") for question in wanted])
    judgement = judge(case, facts)
    assert len(judgement.failures) == len(reading.failures)
    assert 0 <= judgement.verdict.confidence <= 1
