"""Reading and Facts to a Verdict: small rules that each say what they claim and why."""
