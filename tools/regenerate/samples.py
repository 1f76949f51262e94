"""All samples."""

from __future__ import annotations

from tools.regenerate import loggers, pytests, runners, scripts, strangers, tools, unusual

SAMPLES = tuple(
    sample for module in (scripts, pytests, runners, loggers, tools, unusual, strangers) for sample in module.samples()
)
