"""Decides whether a text matches a grammar in llama.cpp's form (GBNF), so that grammars can be tried without a model."""

import re
from collections.abc import Iterator

TOKEN = re.compile(r'\s*("(?:\\.|[^"\\])*"|\[(?:\\.|[^\]\\])*\]|[a-zA-Z0-9_-]+|\{\d*,?\d*\}|[()|*+?.])')
ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}

Node = tuple  # ("text", s) ("class", negated, ranges) ("rule", name) ("all", nodes) ("any", nodes) ("times", node, low, high)


class Grammar:
    """Reads the rules; `accepts` tells whether a text is one that a model could be made to write."""

    def __init__(self, source: str) -> None:
        self.rules: dict[str, Node] = {}
        for line in source.splitlines():
            name, _, body = line.partition(" ::= ")
            if body:
                self.rules[name.strip()] = Reader(body).alternatives()

    def accepts(self, text: str) -> bool:
        return len(text) in self.ends(("rule", "root"), text, 0)

    def ends(self, node: Node, text: str, at: int) -> set[int]:
        """Returns each place where a match of a node that begins at a place can end."""
        match node:
            case ("text", literal):
                return {at + len(literal)} if text.startswith(literal, at) else set()
            case ("class", negated, ranges):
                inside = at < len(text) and any(low <= text[at] <= high for low, high in ranges)
                return {at + 1} if at < len(text) and inside != negated else set()
            case ("rule", name):
                return self.ends(self.rules[name], text, at)
            case ("any", nodes):
                return set().union(*(self.ends(one, text, at) for one in nodes))
            case ("all", nodes):
                return self.sequence(nodes, text, at)
            case ("times", inner, low, high):
                return self.repeated(inner, low, high, text, at)
        raise ValueError(f"unknown node {node!r}")

    def sequence(self, nodes: list[Node], text: str, at: int) -> set[int]:
        reached = {at}
        for node in nodes:
            reached = set().union(*(self.ends(node, text, place) for place in reached))
        return reached

    def repeated(self, node: Node, low: int, high: int | None, text: str, at: int) -> set[int]:
        reached, found, count = {at}, set(), 0
        while reached and (high is None or count <= high):
            if count >= low:
                if reached <= found:
                    break
                found |= reached
            reached = set().union(*(self.ends(node, text, place) for place in reached))
            count += 1
        return found


class Reader:
    """Reads the right side of a rule."""

    def __init__(self, body: str) -> None:
        self.tokens = list(self.split(body))
        self.at = 0

    @staticmethod
    def split(body: str) -> Iterator[str]:
        at = 0
        while at < len(body.rstrip()):
            found = TOKEN.match(body, at)
            if not found:
                raise ValueError(f"not GBNF: {body[at:at + 30]!r}")
            yield found[1]
            at = found.end()

    def next(self) -> str | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def alternatives(self) -> Node:
        nodes = [self.sequence()]
        while self.next() == "|":
            self.at += 1
            nodes.append(self.sequence())
        return ("any", nodes)

    def sequence(self) -> Node:
        nodes: list[Node] = []
        while (token := self.next()) not in (None, "|", ")"):
            self.at += 1
            if token in ("*", "+", "?") or token.startswith("{"):
                nodes.append(("times", nodes.pop(), *times(token)))
            else:
                nodes.append(self.single(token))
        return ("all", nodes)

    def single(self, token: str) -> Node:
        if token == "(":
            inner = self.alternatives()
            self.at += 1
            return inner
        if token == ".":
            return ("class", True, [])
        if token.startswith('"'):
            return ("text", "".join(characters(token[1:-1])))
        return char_class(token) if token.startswith("[") else ("rule", token)


def times(token: str) -> tuple[int, int | None]:
    if token in "*+?":
        return {"*": (0, None), "+": (1, None), "?": (0, 1)}[token]
    low, comma, high = token[1:-1].partition(",")
    return int(low or 0), int(high) if high else (None if comma else int(low))


def characters(text: str) -> Iterator[str]:
    """Reads escapes: `\\n`, `\\x7F`, and any other character for itself."""
    at = 0
    while at < len(text):
        if text[at] != "\\":
            yield text[at]
            at += 1
        elif text[at + 1] == "x":
            yield chr(int(text[at + 2 : at + 4], 16))
            at += 4
        else:
            yield ESCAPES.get(text[at + 1], text[at + 1])
            at += 2


def char_class(token: str) -> Node:
    inside = token[1:-1]
    negated = inside.startswith("^")
    marked = list(characters(inside[1:] if negated else inside))
    ranges, at = [], 0
    while at < len(marked):
        if at + 2 < len(marked) and marked[at + 1] == "-":
            ranges.append((marked[at], marked[at + 2]))
            at += 3
        else:
            ranges.append((marked[at], marked[at]))
            at += 1
    return ("class", negated, ranges)
