"""Decides for one tool and one library: same, weaker (and how) or refused (and why)."""

import json
from dataclasses import dataclass, field
from typing import Any

from judge.examples import arguments
from judge.grammar import Grammar
from judge.losses import losses
from judge.meaning import Meaning, read
from judge.rules import google_schema, openai_strict

Sent = dict[str, Any]


@dataclass
class Verdict:
    """`refused` says why. Otherwise `lost` names what a model is told less about than it should be."""

    lost: list[str] = field(default_factory=list)
    refused: str = ""

    @property
    def rank(self) -> int:
        return 2 if self.refused else 1 if self.lost else 0

    @property
    def word(self) -> str:
        return ("same", "weaker", "refused")[self.rank]

    def worse_than(self, other: "Verdict") -> bool:
        return self.rank > other.rank or (self.rank == other.rank == 1 and not set(self.lost) <= set(other.lost))

    def text(self) -> str:
        return self.word + (f": {self.refused or '; '.join(self.lost)}" if self.rank else "")

    @classmethod
    def parse(cls, text: str) -> "Verdict":
        word, _, why = text.partition(": ")
        return cls(lost=why.split("; ") if word == "weaker" else [], refused=why if word == "refused" else "")


def judge(expected: Meaning, described: str, record: dict[str, Any], strict: bool) -> Verdict:
    """Judges what a library sent. `described` is the tool's description; `strict` says that strict schemas were asked for."""
    if "error" in record:
        return Verdict(refused=" ".join(record["error"].split()))
    sent = record["sent"]
    schema, dialect = parameters(sent)
    if refused := refusal(sent, schema, dialect):
        return Verdict(refused=refused)
    lost = []
    if strict and sent.get("strict") is not True:
        lost.append("strict mode is left")
    if described not in read(sent).text:
        lost.append("description of the tool vanished")
    if any(shape.fields for shape in expected.shapes):
        lost += losses(expected, read(schema))
    return Verdict(lost=list(dict.fromkeys(lost)))


def parameters(sent: Sent) -> tuple[dict[str, Any], str]:
    """Finds the schema in what was sent, and whose dialect it is in."""
    for key in ("parametersJsonSchema", "parameters_json_schema", "input_schema"):
        if sent.get(key) is not None:
            return sent[key], "json"
    schema = sent.get("parameters") or {}
    google = "type" not in sent and "strict" not in sent and str(schema.get("type", "")).isupper()
    return schema, "google" if google else "json"


def refusal(sent: Sent, schema: dict[str, Any], dialect: str) -> str | None:
    """Says why the provider would refuse what was sent, by rules that we restate."""
    if sent.get("strict") is True and (why := openai_strict(schema)):
        return f"OpenAI's API: {why}"
    if dialect == "google" and (why := google_schema(schema)):
        return f"Google's API: {why}"
    return None


def judge_grammar(tool: str, record: dict[str, Any], known: bool) -> Verdict:
    """Judges a grammar by what a model can write with it; `known` tools have examples."""
    if "error" in record:
        return Verdict(refused=" ".join(record["error"].split()))
    grammar = Grammar(record["sent"]["grammar"])
    good, bad = arguments(tool) if known else ([], [])
    for value in good:
        if not accepts(grammar, value):
            return Verdict(refused=f"the grammar has no {json.dumps(value)}")
    return Verdict(lost=[f"the grammar has also {json.dumps(value)}" for value in bad if accepts(grammar, value)])


def accepts(grammar: Grammar, value: Any) -> bool:
    """The grammar allows one space where JSON allows any, so either of two ways to write a value may fit."""
    return any(
        grammar.accepts(json.dumps(value, ensure_ascii=False, separators=separators))
        for separators in ((",", ":"), (", ", ": "))
    )
