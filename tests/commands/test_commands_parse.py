"""What people write, and whose words they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import TABLE, Argument, parse
from bot.commands.parse import LONGEST, MOST


def said(text):
    return [(parsed.word, parsed.argument) for parsed in parse(text)]


ARGUMENTS = {
    Argument.NONE: "",
    Argument.URL: "https://example.org/issues/7",
    Argument.DISTRIBUTION: "importlib-metadata",
    Argument.DAYS: "14",
    Argument.VERSION: "2.3.4",
}


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.word)
@pytest.mark.parametrize(
    "form",
    [
        "/upriver {}",
        "/upstream {}",
        "/UPRIVER {}",
        "  /upriver   {}  ",
        "/upriver: {}.",
        "/upriver, {}!",
        "**/upriver {}**",
        "- /upriver {}",
        "3) /upriver {}",
        "- [x] /upriver {}",
        "- as agreed: /upriver {}",
        "@upriver-bot: /upriver {}",
        "Thanks!\r\n\r\n/upriver {}\r\nBye",
        "Patch Set 3: Code-Review-1\n\n/upriver {}",
        "> what do you mean?\n/upriver {}",
        "/upriver {}\n\nOn Tue, 3 Nov 2026 at 10:00, Ada <ada@example.org> wrote:\nold text",
    ],
)
def test_every_word_in_every_form(row, form):
    argument = ARGUMENTS[row.argument]
    assert said(form.format(f"{row.word} {argument}".strip())) == [(row.word, argument)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nothing to see",
        "you could write /upriver hold to keep it back",
        "> /upriver hold",
        ">> > /upriver hold",
        "- > /upriver hold",
        "&gt; /upriver hold",
        "`/upriver hold`",
        "``/upriver hold`` and `x`",
        "- use `/upriver hold`",
        "```\n/upriver hold\n```",
        "````\n```\n/upriver hold\n````",
        "~~~text\n/upriver hold\n~~~",
        "- ```\n  /upriver hold\n  ```",
        "```\n/upriver hold",
        "    /upriver hold",
        "\t/upriver hold",
        "<!-- /upriver hold -->",
        "<!--\n/upriver hold\n-->",
        "<!-- open\n/upriver hold",
        "<!--\n> -->/upriver hold",
        "> <!--\n> -->/upriver hold",
        "<pre>\n/upriver hold\n</pre>",
        "<blockquote>/upriver hold</blockquote>",
        "https://example.org/upriver hold",
        "see docs/upriver hold",
        "/upriverhold",
        "/upriver/hold",
        "/upriver.toml hold",
        "Hi\n-----Original Message-----\n/upriver hold",
        "Hi\n________________________________\nFrom: Ada\n/upriver hold",
        "Hi\nFrom: Ada <ada@example.org>\nSent: Monday\nTo: Bob\n\n/upriver hold",
        "Hi\nOn Tue, 3 Nov 2026, Ada <ada@example.org> wrote:\n\n/upriver hold",
        "Hi\nOn Tue, 3 Nov 2026 at 10:00, Ada Lovelace\n<ada@example.org> wrote:\n/upriver hold",
        "Hi\nAm 3. Nov. schrieb Ada <ada@example.org>:\n/upriver hold",
        "Hi\n-- \n/upriver hold",
    ],
)
def test_other_peoples_words_command_nothing(text):
    assert said(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/upriver", [("help", "")]),
        ("/upriver?", [("help", "")]),
        ("/upriver blame is-odd", [("blame", "is-odd")]),
        ("/upriver not upstream", [("not-upstream", "")]),
        ("/upriver not_upstream please", [("not-upstream", "")]),
        ("/upriver NotUpstream", [("not-upstream", "")]),
        ("/upriver fixed in v2.0.1rc1.", [("fixed-in", "2.0.1rc1")]),
        ("/upriver blame `Flask_SQLAlchemy`", [("blame", "Flask_SQLAlchemy")]),
        ("/upriver blame on requests.", [("blame", "requests")]),
        ("/upriver filed [the issue](https://example.org/a/issues/1).", [("filed", "https://example.org/a/issues/1")]),
        ("/upriver dup <https://example.org/a/1>", [("dup", "https://example.org/a/1")]),
        ("/upriver ignore for 7 days", [("ignore", "7")]),
        ("/upriver ignore", [("ignore", "")]),
        ("/upriver hold, retry and pin", [("hold", ""), ("retry", ""), ("pin", "")]),
        ("/upriver hold and tell me later", [("hold", "")]),
        ("/upriver hold /upriver pin", [("hold", ""), ("pin", "")]),
        ("/upriver hold\n/upriver hold", [("hold", "")]),
        ("/upriver hold\n> /upriver retry\n/upriver pin", [("hold", ""), ("pin", "")]),
        ("On Tue, Ada <a@example.org> wrote:\n> /upriver hold\n/upriver pin", [("pin", "")]),
        ("<!-- x --> /upriver hold <!-- y -->", [("hold", "")]),
        ("-->\n/upriver hold", [("hold", "")]),
        ("> <!-- quoted\n/upriver hold", [("hold", "")]),
        ("> <pre>\n> old\n/upriver hold", [("hold", "")]),
        ("```\nlog\n```\n/upriver explain", [("explain", "")]),
    ],
)
def test_lenient_forms(text, expected):
    assert said(text) == expected


def test_an_unknown_word_is_reported_with_what_was_meant():
    (parsed,) = parse("/upriver hodl")
    assert (parsed.known, parsed.word, parsed.near) == (False, "hodl", "hold")
    (parsed,) = parse("/upriver 42")
    assert not parsed.known


@pytest.mark.parametrize("word", ["filed", "dup", "blame", "fixed-in"])
def test_a_missing_argument_is_a_problem(word):
    (parsed,) = parse(f"/upriver {word}")
    assert parsed.known
    assert parsed.problem


def test_bounds():
    assert len(parse("".join(f"/upriver ignore {n}\n" for n in range(1, 200)))) == MOST
    assert said("x" * LONGEST + "\n/upriver hold") == []


HOSTILE = ["`" * 5000, "<!--" * 5000, "<pre>" * 5000, "/upriver " * 5000, "- " * 5000, "> " * 5000, "On " * 5000]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:9].strip())
@pytest.mark.timeout(20)
def test_hostile_texts_end(text):
    parse((text + "\n") * 10)


PIECES = st.sampled_from(
    [
        "/upriver hold",
        "/upriver",
        "\n",
        " ",
        "`",
        "```",
        "~~~",
        "<!--",
        "-->",
        "> ",
        "- ",
        "<pre>",
        "</pre>",
        "x",
        "wrote:",
    ]
)


@given(st.lists(PIECES | st.text(max_size=8), max_size=40).map("".join))
def test_never_raises_and_every_word_known_is_in_the_table(text):
    words = {row.word for row in TABLE}
    for parsed in parse(text):
        assert (parsed.word in words) is parsed.known


@given(st.lists(PIECES | st.text(max_size=8), max_size=30).map("".join))
def test_quoting_a_text_silences_it(text):
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert parse("\n".join(f"> {line}" for line in lines)) == ()
