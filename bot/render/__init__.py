"""Verdicts as text: reports, advice, the analysis contract; redaction and neutralised quotes."""
