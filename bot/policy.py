"""Verdict, History, consent and trust to a Decision: etiquette as a pure function."""
