"""Judges what client libraries sent to model providers: same, weaker or refused."""
