"""Reads what a schema means, whatever dialect it is written in: JSON Schema, or the `Schema` of Google's API."""

import re
from dataclasses import dataclass, field
from typing import Any

Schema = dict[str, Any]

# The keywords that restrict or describe a value, as JSON Schema spells them.
BOUNDS = (
    *("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "pattern"),
    *("uniqueItems", "contentEncoding", "default"),
)
# google-adk marks descriptions that it did not write; what they say is the same.
FENCE = re.compile(r"<<<(BEGIN|END)_UNTRUSTED_TOOL_DESCRIPTION>>>\n?")


@dataclass
class Shape:
    """One form of an object."""

    fields: dict[str, "Meaning"] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)


@dataclass
class Meaning:
    """What values a schema accepts, and what it says about them.

    `kinds` are JSON types, none if the schema names none. `names` are the values of an enum. `shapes` are the forms
    that an object may have. `items` is what a list holds, `places` what a tuple holds. `bounds` are keywords with
    their values. `text` is all that the descriptions of the schema and of its alternatives say.
    `optional` means that it is a field that may be left out.
    """

    kinds: set[str] = field(default_factory=set)
    names: list[str] | None = None
    shapes: list[Shape] = field(default_factory=list)
    items: "Meaning | None" = None
    places: list["Meaning"] | None = None
    bounds: dict[str, Any] = field(default_factory=dict)
    text: str = ""
    optional: bool = False

    def join(self, other: "Meaning") -> None:
        """Adds an alternative."""
        both_are_strings = "string" in self.kinds & other.kinds
        self.names = None if both_are_strings and not (self.names and other.names) else (self.names or []) + (
            other.names or []
        )
        self.names = self.names or None
        self.kinds |= other.kinds
        self.shapes += other.shapes
        self.items = self.items or other.items
        self.places = self.places or other.places
        self.bounds |= other.bounds
        self.text = "\n".join(text for text in (self.text, other.text) if text)


def camel(key: str) -> str:
    """Spells a keyword as JSON Schema does: Google's libraries for Python write `any_of`."""
    head, *tail = key.split("_")
    return head + "".join(part.capitalize() for part in tail)


def read(schema: Schema | None) -> Meaning:
    """Reads what a schema means."""
    schema = {key if key.startswith("$") else camel(key): value for key, value in (schema or {}).items()}
    meaning = Meaning(kinds=kinds(schema), text=FENCE.sub("", schema.get("description") or "").strip())
    if values := schema.get("enum"):
        meaning.names = [value for value in values if isinstance(value, str)] or None
    if "object" in meaning.kinds:
        meaning.shapes = [shape(schema)]
    if isinstance(schema.get("items"), dict):
        meaning.items = read(schema["items"])
    if places := schema.get("prefixItems"):
        meaning.places = [read(place) for place in places]
    meaning.bounds = {key: bound(schema[key]) for key in BOUNDS if schema.get(key) is not None}
    for alternative in schema.get("anyOf") or schema.get("oneOf") or []:
        meaning.join(read(alternative))
    return meaning


def kinds(schema: Schema) -> set[str]:
    named = schema.get("type")
    found = {str(name).lower() for name in (named if isinstance(named, list) else [named]) if name}
    if schema.get("nullable"):
        found.add("null")
    return found - {"type_unspecified"}


def shape(schema: Schema) -> Shape:
    fields = {name: read(value) for name, value in (schema.get("properties") or {}).items()}
    required = set(schema.get("required") or [])
    for name, field in fields.items():
        field.optional = name not in required
    return Shape(fields, required)


def bound(value: Any) -> Any:
    """Reads a bound: Google's API writes 64-bit integers as text, and floats for integers."""
    if isinstance(value, str) and re.fullmatch(r"-?\d+", value):
        return int(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value
