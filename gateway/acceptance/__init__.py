"""Judges a running gateway over HTTP: `python -m gateway.acceptance URL`.

settings: what was asked for · expected: what a right gateway is · connection, client: HTTP · shape, judge,
spending: pure judgements of answers · settle, checks: the named checks · runner: runs them · evidence, display: what
is left to see.
"""
