"""The dialects, in the order in which they are asked where several needles stand on one line."""

from __future__ import annotations

from bot.extract.arrowed_report import ArrowedReport
from bot.extract.behave_report import BehaveReport
from bot.extract.doctests import Doctests
from bot.extract.ending import Steps
from bot.extract.engine import Dialect, Milestone
from bot.extract.faults import Faulthandler, Signals
from bot.extract.ipython_report import IpythonReport
from bot.extract.listed_report import ListedReport
from bot.extract.named_report import NamedReport
from bot.extract.problems import Problems
from bot.extract.pytest_counts import PytestConftest, PytestSession, PytestTimeout, PytestTotals
from bot.extract.pytest_sections import PytestDebugged, PytestInstant, PytestReport
from bot.extract.pytest_summary import PytestLive, PytestSummary
from bot.extract.rich_report import RichReport
from bot.extract.robot_report import RobotReport
from bot.extract.rule_report import RuleReport
from bot.extract.sphinx_report import SphinxReport
from bot.extract.stestr_report import StestrReport, StestrTotals
from bot.extract.structured import Structured
from bot.extract.syntax import Syntax
from bot.extract.terse_report import TerseReport
from bot.extract.tracebacks import Tracebacks
from bot.extract.trial_report import TrialReport
from bot.extract.unittest_report import UnittestReport, UnittestTotals
from bot.extract.ward_report import WardReport

DIALECTS: tuple[Dialect, ...] = (
    PytestReport(),
    PytestInstant(),
    PytestDebugged(),
    PytestSummary(),
    PytestConftest(),
    PytestTimeout(),
    PytestLive(),
    StestrReport(),
    UnittestReport(),
    TrialReport(),
    NamedReport(),
    ListedReport(),
    WardReport(),
    Doctests(),
    Structured(),
    RobotReport(),
    BehaveReport(),
    SphinxReport(),
    RichReport(),
    IpythonReport(),
    Tracebacks(),
    ArrowedReport(),
    TerseReport(),
    RuleReport(),
    Faulthandler(),
    Syntax(),
    Signals(),
    Problems(),
)
"""Adding a dialect is one module and one line here."""

MILESTONES: tuple[Milestone, ...] = (Steps(), PytestSession(), PytestTotals(), StestrTotals(), UnittestTotals())
"""Where steps and test runs begin and end."""
