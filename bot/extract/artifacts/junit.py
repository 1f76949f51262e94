"""JUnit XML as pytest, unittest-xml-reporting, stestr, nose2, Django, Bazel and others write it.

Read as a stream, so that a report of any size takes the memory of its longest failure. Entities, external
references and document types are refused (defusedxml); a report that ends early keeps what it has.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler

from bot.extract.artifacts.bodies import Read, failure, of_pytest
from bot.extract.artifacts.parsed import BODY, Gathering, Parsed
from bot.extract.artifacts.testids import from_junit
from bot.model import Environment, Failure, Phase, Totals
from bot.patterns import pattern

if TYPE_CHECKING:
    from xml.sax.xmlreader import AttributesImpl

_DEEP = 60
_CHUNK = 1 << 16
_CONTROL = bytes(range(9)) + b"\x0b\x0c" + bytes(range(14, 32))
"""What no XML 1.0 document may hold and many do, since tests print it."""
_CASES = 2_000_000
_COLLECTING = pattern(r"collection (?:failure|error)", re.IGNORECASE)
_SETUP = pattern(r"(?:failed on setup|test setup failure)", re.IGNORECASE)
_TEARDOWN = pattern(r"(?:failed on teardown|test teardown failure)", re.IGNORECASE)
_ON = pattern(r'\Afailed on (?:setup|teardown) with "(?P<said>.*)"\Z', re.DOTALL)


def parse(name: str, stream: BinaryIO, read: Read) -> Parsed:
    """What a JUnit report says."""
    import defusedxml.sax
    from defusedxml.common import DefusedXmlException

    gathering = Gathering(name)
    cases = _Cases(gathering, read)
    parser = defusedxml.sax.make_parser()
    parser.forbid_dtd = True
    parser.setContentHandler(cases)
    wide = None
    try:
        while chunk := stream.read(_CHUNK):
            if wide is None:
                wide = chunk[:2] in {b"\xff\xfe", b"\xfe\xff"}
            parser.feed(chunk if wide else chunk.translate(None, _CONTROL))
        parser.close()
    except SAXParseException as error:
        gathering.doubt(f"the XML ends or breaks at line {error.getLineNumber()}: {error.getMessage()}")
    except DefusedXmlException:
        gathering.doubt("the XML declares a document type or entities, which are not read")
    except _TooMuchError as error:
        gathering.doubt(str(error))
    cases.finish()
    return gathering.result()


class _TooMuchError(Exception):
    """The report is no honest one."""


class _Cases(ContentHandler):
    """Elements as they come."""

    def __init__(self, gathering: Gathering, read: Read) -> None:
        super().__init__()
        self._gathering, self._read = gathering, read
        self._depth = 0
        self._seen = 0
        self._failed = self._errors = self._skipped = 0
        self._case: dict[str, str] = {}
        self._outcome: dict[str, str] | None = None
        self._kind = ""
        self._text: list[str] = []
        self._size = 0
        self._pytest = False

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802  # xml.sax' own name
        self._depth += 1
        if self._depth > _DEEP:
            raise _TooMuchError(f"elements are nested deeper than {_DEEP}; the rest is not read")
        tag = name.rpartition(":")[2]
        if tag == "testcase":
            self._case = {key: value[:4_000] for key, value in attrs.items()}
            self._seen += 1
            if self._seen > _CASES:
                raise _TooMuchError(f"more than {_CASES:,} test cases; the rest is not read")
        elif tag in {"failure", "error"} and self._outcome is None:
            self._outcome = {key: value[:BODY] for key, value in attrs.items()}
            self._kind, self._text, self._size = tag, [], 0
        elif tag == "skipped":
            self._skipped += 1
        elif tag == "testsuite":
            self._pytest = attrs.get("name", "") == "pytest"
        elif tag == "property":
            self._property(attrs)

    def characters(self, content: str) -> None:
        if self._outcome is not None and self._size < BODY:
            self._text.append(content)
            self._size += len(content)

    def endElement(self, name: str) -> None:  # noqa: N802  # xml.sax' own name
        self._depth -= 1
        tag = name.rpartition(":")[2]
        if self._outcome is not None and tag == self._kind:
            self._report(self._outcome)
            self._outcome = None

    def finish(self) -> None:
        """The report is over, perhaps in the middle of a failure."""
        if self._outcome is not None:
            self._report(self._outcome)
        if self._seen or self._failed or self._errors:
            bad = self._failed + self._errors + self._skipped
            self._gathering.totals.append(
                Totals(
                    runner="junit",
                    failed=self._failed,
                    errors=self._errors,
                    passed=max(self._seen - bad, 0),
                    skipped=self._skipped,
                )
            )

    def _report(self, outcome: dict[str, str]) -> None:
        if self._kind == "failure":
            self._failed += 1
        else:
            self._errors += 1
        self._gathering.add(None if self._gathering.full else self._failure(outcome))

    def _failure(self, outcome: dict[str, str]) -> Failure:
        said = outcome.get("message", "")
        phase = Phase.CALL
        if _COLLECTING.search(said[:200]):
            phase, said = Phase.COLLECT, ""
        elif _SETUP.search(said[:200]):
            phase = Phase.SETUP
        elif _TEARDOWN.search(said[:200]):
            phase = Phase.TEARDOWN
        on = _ON.match(said)
        kind = outcome.get("type", "")
        body = "".join(self._text)
        found = failure(
            self._read,
            body or said,
            test=None,
            phase=phase,
            dialect="junit",
            exception=kind if re.fullmatch(r"[^\W\d][\w.]*", kind) else "",
            message=on["said"] if on else said,
        )
        return from_junit(found, self._case, pytest=self._pytest or of_pytest(body))

    def _property(self, attrs: AttributesImpl) -> None:
        """A suite's property may name the interpreter."""
        key = attrs.get("name", "").lower() if "name" in attrs else ""
        value = attrs.get("value", "") if "value" in attrs else ""
        if key in {"python", "python_version", "python-version"} and re.fullmatch(r"\d\.\d+(?:\.\d+)?\S{0,10}", value):
            self._gathering.environment = Environment(python=value)
