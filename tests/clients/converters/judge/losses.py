"""Compares what a schema means with what it must mean, and names what was lost."""

import json
import re
from collections.abc import Iterator

from judge.meaning import Meaning, Shape

# What a description calls a value of a JSON type, when it says what stands at which place of a tuple.
CALLED = {
    "boolean": r"boolean|true",
    "integer": r"integer",
    "number": r"number",
    "string": r"string|text|base64|character|one of",
    "array": r"array|list",
    "object": r"object|\{",
    "null": r"null",
}


def losses(expected: Meaning, seen: Meaning, path: str = "", above: str = "") -> Iterator[str]:
    """Names each thing that a client was told less about. `above` is what the descriptions around it say."""
    said = "\n".join([above, seen.text])
    where = f" of {path}" if path else ""
    if not seen.kinds:
        yield f"type{where} vanished"
        return
    if wrong := expected.kinds - seen.kinds - absent(expected):
        yield f"{listed(wrong)}{where} became {listed(seen.kinds - {'null'})}"
        return
    if expected.names and sorted(expected.names) != sorted(seen.names or []):
        yield f"names{where} vanished"
    yield from lost_texts(expected, said, where)
    yield from lost_bounds(expected, seen, said, where)
    yield from lost_words(expected, seen, said, where)
    yield from lost_items(expected, seen, path, said)
    for shape in expected.shapes:
        yield from lost_shape(shape, seen, path, said)


def absent(expected: Meaning) -> set[str]:
    """Null need not be named where the value may be left out."""
    return {"null"} if expected.optional else set()


def listed(kinds: set[str]) -> str:
    return " or ".join(sorted(kinds)) or "nothing"


def lost_texts(expected: Meaning, said: str, where: str) -> Iterator[str]:
    if any(line not in said for line in expected.text.split("\n") if line.strip()):
        yield f"description{where} vanished"


def lost_bounds(expected: Meaning, seen: Meaning, said: str, where: str) -> Iterator[str]:
    """A bound is kept as a keyword, or said in a description."""
    lost = [key for key, value in expected.bounds.items() if seen.bounds.get(key) != value and not tells(said, key, value)]
    if lost:
        yield f"{', '.join(lost)}{where} vanished"


def tells(said: str, key: str, value: object) -> bool:
    """Finds a bound among words, as JSON writes it: `2`, `2.0`, `false`, `"a"`; a pattern as it is."""
    if key == "pattern":
        return str(value) in said or ("A-Za-z0-9+/" in str(value) and "base64" in said)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False) in said
    if value == 1 and key in ("minLength", "maxLength") and "exactly one character" in said:
        return True
    return re.search(rf"(?<![\w.-]){re.escape(json.dumps(value))}(\.0)?(?!\w|\.\d)", said) is not None


def lost_words(expected: Meaning, seen: Meaning, said: str, where: str) -> Iterator[str]:
    stated = "\n".join([said, *(seen.names or []), *(f"{key}: {value}" for key, value in seen.bounds.items())])
    for name, pattern in getattr(expected, "words", {}).items():
        if not re.search(pattern, stated, re.IGNORECASE):
            yield f"“{name}”{where} vanished"


def lost_items(expected: Meaning, seen: Meaning, path: str, said: str) -> Iterator[str]:
    if expected.items:
        inner = f"{path}[]"
        if seen.items:
            yield from losses(expected.items, seen.items, inner, said)
        else:
            yield f"type of {inner} vanished"
    if expected.places is not None:
        yield from lost_places(expected.places, seen, path, said)


def lost_places(places: list[Meaning], seen: Meaning, path: str, said: str) -> Iterator[str]:
    """The types of a tuple are kept as `prefixItems`, or as `items` and an order that a description says."""
    if seen.places is not None:
        for place, (want, got) in enumerate(zip(places, seen.places, strict=False)):
            yield from losses(want, got, f"{path}[{place}]", said)
        return
    if not seen.items:
        yield f"types of {path}[] vanished"
        return
    for place, want in enumerate(places):
        yield from losses(want, seen.items, f"{path}[{place}]", said)
    order = ".*".join(f"({'|'.join(CALLED[kind] for kind in sorted(place.kinds))})" for place in places)
    if len({frozenset(place.kinds) for place in places}) > 1 and not re.search(order, said, re.DOTALL):
        yield f"order of {path}[] vanished"


def lost_shape(shape: Shape, seen: Meaning, path: str, said: str) -> Iterator[str]:
    """Finds the form of an object that has the same fields, and compares them."""
    found = [other for other in seen.shapes if set(other.fields) >= set(shape.fields)]
    if not found:
        yield f"fields {', '.join(shape.fields)}{f' of {path}' if path else ''} vanished"
        return
    for name, field in shape.fields.items():
        inner = f"{path}.{name}" if path else name
        other = found[0].fields[name]
        if name in shape.required and name not in found[0].required:
            yield f"{inner} is no longer required"
        if name not in shape.required and name in found[0].required and "null" not in other.kinds:
            yield f"{inner} became required"
        yield from losses(field, other, inner, said)
