"""Rewrites the parts of docs/clients.md that runs write, each between two marks."""

from pins import TESTS

PAGE = TESTS.parent / "docs/clients.md"


def text() -> str:
    return PAGE.read_text()


def rewritten(part: str, writer: str, content: str) -> str:
    """Returns the page with a part written anew; `writer` is the script in this folder that the mark names."""
    begin, end = f"<!-- {part}: written by tests/clients/{writer} -->", f"<!-- {part}: end -->"
    before, found, rest = text().partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise SystemExit(f"{PAGE} has no part from {begin} to {end}")
    return f"{before}{begin}\n\n{content}\n{end}{after}"
