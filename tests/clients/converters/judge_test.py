"""Tests the judge: each way in which a schema can lose meaning is seen, and what keeps it is not taken for a loss."""

import unittest
from typing import Any

import run
from judge.expected import Expected, char, closed, either, integer, many, names, number, octets, option, places
from judge.expected import text, tools, wide
from judge.examples import PAIRS
from judge.grammar import Grammar
from judge.losses import losses
from judge.meaning import Meaning, read
from judge.rules import google_schema, openai_strict, vs_code
from judge.verdict import Verdict, judge, judge_grammar


def lost(expected: Meaning, schema: dict[str, Any]) -> list[str]:
    return list(losses(expected, read(schema), "value"))


class Losses(unittest.TestCase):
    """The schema that says all of it loses nothing; each change of it loses one thing."""

    def test_type_and_bounds(self) -> None:
        byte = {"type": "integer", "minimum": 0, "maximum": 255}
        self.assertEqual(lost(integer(0, 255), byte), [])
        self.assertEqual(lost(integer(0, 255), {"type": "INTEGER", "minimum": "0", "maximum": 255.0}), [])
        self.assertEqual(lost(integer(0, 255), {**byte, "type": "string"}), ["integer of value became string"])
        self.assertEqual(lost(integer(0, 255), {"minimum": 0}), ["type of value vanished"])
        self.assertEqual(lost(integer(0, 255), {"type": "integer", "minimum": 0}), ["maximum of value vanished"])
        self.assertEqual(lost(integer(0, 255), {"type": "integer", "minimum": 1, "maximum": 255}), ["minimum of value vanished"])

    def test_bounds_said_in_a_description(self) -> None:
        said = {"type": "integer", "description": "An integer from 0 to 255."}
        self.assertEqual(lost(integer(0, 255), said), [])
        self.assertEqual(lost(integer(0, 255), {**said, "description": "An integer from 10 to 2550."}), ["minimum, maximum of value vanished"])
        around = {"type": "array", "items": {"type": "integer"}, "description": "Integers from 0 to 255."}
        self.assertEqual(lost(many(integer(0, 255)), around), [])

    def test_other_bounds_said_in_a_description(self) -> None:
        for key, bound, kept, lacking in (
            ("default", False, "Default: false.", "Default: true."),
            ("default", 2, "Default: 2.0.", "Default: 2.05."),
            ("default", "a", 'Default: "a".', 'Default: "b".'),
            ("maxLength", 1, "A string of exactly one character.", "A string of characters."),
            ("maxLength", 7, "A string of at most 7 characters.", "A string of exactly one character."),
            ("pattern", "^([A-Za-z0-9+/]{4})*$", "Standard base64.", "Standard base."),
            ("pattern", "^[a-z]+$", "Matching ^[a-z]+$.", "Standard base64."),
        ):
            expected = read({"type": "string", key: bound})
            self.assertEqual(lost(expected, {"type": "string", "description": kept}), [], kept)
            said = lost(expected, {"type": "string", "description": lacking})
            self.assertEqual(said, [f"{key} of value vanished"], lacking)

    def test_forms_of_a_union(self) -> None:
        for form in (
            {"anyOf": [{"type": "number"}, {"type": "string", "enum": ["NaN", "Infinity"]}]},
            {"type": "number", "description": '"NaN" and "Infinity" are accepted'},
            {"any_of": [{"type": "NUMBER"}, {"type": "STRING", "enum": ["NaN", "Infinity"]}]},
        ):
            self.assertEqual(lost(number(), form), [], form)
        self.assertEqual(lost(number(), {"type": "number"}), ["“NaN” of value vanished", "“Infinity” of value vanished"])
        self.assertEqual(lost(number(), {"type": "STRING"}), ["number of value became string"])

    def test_names(self) -> None:
        color = names(red="Stop.", green="Go.")
        kept = {"type": "string", "enum": ["green", "red"], "description": "Stop.\nGo."}
        self.assertEqual(lost(color, kept), [])
        self.assertEqual(lost(color, {**kept, "enum": ["red"]}), ["names of value vanished"])
        self.assertEqual(lost(color, {**kept, "description": "Stop."}), ["description of value vanished"])
        free = {"anyOf": [kept, {"type": "string"}]}
        self.assertEqual(lost(color, free), ["names of value vanished"])

    def test_words(self) -> None:
        self.assertEqual(lost(octets(), {"type": "string"}), ["“base64” of value vanished"])
        self.assertEqual(lost(octets(), {"type": "string", "contentEncoding": "base64"}), [])
        self.assertEqual(lost(char(), {"type": "string", "maxLength": 10}), ["“one character” of value vanished"])
        self.assertEqual(lost(char(), {"type": "string", "maxLength": 1}), [])
        self.assertEqual(lost(char(), {"type": "string", "description": "Exactly one Unicode character."}), [])
        self.assertEqual(lost(wide(0), {"type": "integer", "minimum": 0}), ["“decimal text” of value vanished"])

    def test_tuples(self) -> None:
        pair = places(text(), integer(0, 255))
        items = {"anyOf": [{"type": "string"}, {"type": "integer", "minimum": 0, "maximum": 255}]}
        ends = {"type": "array", "minItems": 2, "maxItems": 2}
        said = "An array of 2 items: a string, an integer."
        self.assertEqual(lost(pair, {**ends, "items": items, "prefixItems": items["anyOf"]}), [])
        self.assertEqual(lost(pair, {**ends, "items": items, "description": said}), [])
        self.assertEqual(lost(pair, {**ends, "items": items}), ["order of value[] vanished"])
        self.assertEqual(lost(pair, {**ends, "items": items, "description": "An integer, a string."}), ["order of value[] vanished"])
        self.assertEqual(lost(pair, {**ends, "description": said}), ["types of value[] vanished"])
        self.assertEqual(lost(pair, {"type": "array", "items": items, "description": "a string, an integer"}), ["minItems, maxItems of value vanished"])
        self.assertEqual(lost(pair, {**ends, "items": {"type": "string"}, "description": said}), ["integer of value[1] became string"])

    def test_fields(self) -> None:
        person = closed(name=text(), age=option(integer(0, 9)))
        age = {"type": "integer", "minimum": 0, "maximum": 9}
        kept = {"type": "object", "properties": {"name": {"type": "string"}, "age": age}, "required": ["name"]}
        self.assertEqual(lost(person, kept), [])
        self.assertEqual(lost(person, {**kept, "required": []}), ["value.name is no longer required"])
        self.assertEqual(lost(person, {**kept, "required": ["name", "age"]}), ["value.age became required"])
        nullable = {"anyOf": [age, {"type": "null"}]}
        strict = {**kept, "properties": {"name": {"type": "string"}, "age": nullable}, "required": ["name", "age"]}
        self.assertEqual(lost(person, strict), [])
        self.assertEqual(lost(person, {"type": "object"}), ["fields name, age of value vanished"])

    def test_variants(self) -> None:
        shape = either(names(nothing=""), closed(circle=text()))
        circle = {"type": "object", "properties": {"circle": {"type": "string"}}, "required": ["circle"]}
        bare = {"type": "string", "enum": ["nothing"]}
        self.assertEqual(lost(shape, {"anyOf": [bare, circle]}), [])
        self.assertEqual(lost(shape, {"anyOf": [{"anyOf": [circle, bare]}, {"type": "null"}]}), [])
        self.assertEqual(lost(shape, circle), ["string of value became object"])
        self.assertEqual(lost(shape, {"anyOf": [bare, {"type": "object"}]}), ["fields circle of value vanished"])

    def test_null_inside_a_list(self) -> None:
        listed = many(Expected({"string", "null"}))
        self.assertEqual(lost(listed, {"type": "array", "items": {"type": "STRING", "nullable": True}}), [])
        self.assertEqual(lost(listed, {"type": "array", "items": {"type": "string"}}), ["null of value[] became string"])


class Rules(unittest.TestCase):
    STRICT = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}

    def with_a(self, value: dict[str, Any]) -> dict[str, Any]:
        return {**self.STRICT, "properties": {"a": value}}

    def test_what_openai_refuses(self) -> None:
        self.assertIsNone(openai_strict(self.STRICT))
        for schema, why in (
            (self.with_a({"type": "array", "items": {"type": "string"}, "uniqueItems": True}), "'uniqueItems' is not permitted"),
            (self.with_a({"type": "array"}), "array schema missing items"),
            ({**self.STRICT, "required": []}, "every key"),
            ({key: value for key, value in self.STRICT.items() if key != "additionalProperties"}, "to be false"),
            ({"anyOf": [self.STRICT]}, "top level"),
            (self.with_a({"anyOf": [{"type": "object"}]}), "anyOf[0]"),
        ):
            self.assertIn(why, openai_strict(schema) or "nothing")

    def test_what_google_refuses(self) -> None:
        self.assertIsNone(google_schema({"type": "OBJECT", "properties": {"a": {"type": "ARRAY", "items": {"type": "STRING"}}}}))
        self.assertIn("missing field", google_schema({"properties": {"a": {"type": "ARRAY"}}}) or "")

    def test_what_vs_code_throws_at_and_deletes(self) -> None:
        bounded = {"type": "integer", "minimum": 1, "description": "x" * 2000}
        kept = vs_code({"name": "t", "parameters": self.with_a(bounded)})["parameters"]["properties"]["a"]
        self.assertEqual(kept, {"type": "integer", "description": "x" * 1024})
        nested = self.with_a({"anyOf": [{"type": "array", "prefixItems": [{"type": "string"}]}]})
        with self.assertRaisesRegex(ValueError, "must have items"):
            vs_code({"name": "t", "parameters": nested})


class Verdicts(unittest.TestCase):
    EXPECTED = closed(a=text())
    SENT = {"name": "t", "description": "Does it.", "parameters": Rules.STRICT, "strict": True}

    def verdict(self, record: dict[str, Any], strict: bool = True) -> str:
        return judge(self.EXPECTED, "Does it.", record, strict).text()

    def test_what_was_sent(self) -> None:
        self.assertEqual(self.verdict({"sent": self.SENT}), "same")
        self.assertEqual(self.verdict({"sent": {**self.SENT, "strict": False}}), "weaker: strict mode is left")
        self.assertEqual(self.verdict({"sent": {**self.SENT, "description": ""}}), "weaker: description of the tool vanished")
        self.assertEqual(self.verdict({"error": "a\n b"}), "refused: a b")
        unique = {**self.SENT, "parameters": {**Rules.STRICT, "uniqueItems": True}}
        self.assertIn("refused: OpenAI's API", self.verdict({"sent": unique}))

    def test_worse(self) -> None:
        same, weaker, other = Verdict(), Verdict(["a"]), Verdict(["a", "b"])
        refused = Verdict(refused="no")
        self.assertTrue(weaker.worse_than(same) and refused.worse_than(weaker) and other.worse_than(weaker))
        self.assertFalse(weaker.worse_than(other) or same.worse_than(same) or weaker.worse_than(refused))
        for verdict in (same, other, refused):
            self.assertEqual(Verdict.parse(verdict.text()), verdict)

    def test_changes_of_the_matrix(self) -> None:
        before = {"types": {"a": {"t": Verdict(), "u": Verdict(["x"])}}}
        now = {"types": {"a": {"t": Verdict(["x"]), "u": Verdict()}}}
        self.assertEqual(
            run.differences(now, before),
            ["worse: a, t: was same; is weaker: x", "changed: a, u: was weaker: x; is same"],
        )

    def test_every_tool_has_examples(self) -> None:
        self.assertEqual(set(PAIRS), set(tools()))


class Grammars(unittest.TestCase):
    SOURCE = 'root ::= "{" space "\\"value\\"" space ":" space value "}" space\nvalue ::= [a-c]+ | ("x" | "\\n"){2,3} | [^\\x41"x]?\nspace ::= " "?'

    def test_matches(self) -> None:
        grammar = Grammar(self.SOURCE)
        for inside, accepted in (("abc", True), ("", True), ("xx", True), ("x\nx", True), ("xxxx", False), ("x", False), ("A", False), ("d", True), ("dd", False)):
            self.assertEqual(grammar.accepts('{ "value": ' + inside + "}"), accepted, inside)

    def test_judged_by_what_it_can_write(self) -> None:
        record = {"sent": {"grammar": 'root ::= "{\\"value\\":" ("true" | "\\"yes\\"") "}"'}}
        self.assertEqual(judge_grammar("bool", record, known=True).text(), 'weaker: the grammar has also {"value": "yes"}')
        nothing = {"sent": {"grammar": 'root ::= "{}"'}}
        self.assertEqual(judge_grammar("bool", nothing, known=True).text(), 'refused: the grammar has no {"value": true}')


if __name__ == "__main__":
    unittest.main()
