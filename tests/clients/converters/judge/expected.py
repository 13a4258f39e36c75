"""Says what a client must learn about each tool of the plugin `every_type`, in whatever form the schema has.

It is written from the WIT, not from the schemas that the server derives, so that a schema that says less is found too.
"""

from dataclasses import dataclass, field
from typing import Any

from judge.meaning import Meaning, Shape

POINT_X, POINT_Y = "How far right it is.", "How far up it is."


@dataclass
class Expected(Meaning):
    """What a schema must mean. `words` are patterns that must be found in keywords or descriptions, by what they say."""

    words: dict[str, str] = field(default_factory=dict)

    def said(self, *texts: str) -> "Expected":
        self.text = "\n".join([self.text, *texts]).strip()
        return self


def integer(low: int, high: int) -> Expected:
    return Expected({"integer"}, bounds={"minimum": low, "maximum": high})


def wide(low: int | None) -> Expected:
    """A 64-bit integer: a number, and decimal text for what a number cannot hold."""
    bounds = {} if low is None else {"minimum": low}
    return Expected({"integer"}, bounds=bounds, words={"decimal text": r"decimal|\[1-9\]\[0-9\]"})


def number() -> Expected:
    return Expected({"number"}, words={"NaN": r"NaN", "Infinity": r"Infinity"})


def text() -> Expected:
    return Expected({"string"})


def char() -> Expected:
    return Expected({"string"}, words={"one character": r"maxLength: 1\b|\b(one|1|single)\b[\w ]*\bcharacter"})


def octets() -> Expected:
    return Expected({"string"}, words={"base64": r"base64"})


def names(**described: str) -> Expected:
    return Expected({"string"}, names=list(described), text="\n".join(filter(None, described.values())))


def many(item: Expected) -> Expected:
    return Expected({"array"}, items=item)


def places(*items: Expected) -> Expected:
    return Expected({"array"}, places=list(items), bounds={"minItems": len(items), "maxItems": len(items)})


def closed(**fields: Expected) -> Expected:
    required = {name for name, value in fields.items() if not value.optional}
    return Expected({"object"}, shapes=[Shape(dict(fields), required)])


def either(*cases: Expected) -> Expected:
    joined = Expected()
    for case in cases:
        joined.join(case)
    return joined


def option(value: Expected) -> Expected:
    """A field or parameter that a client may leave out."""
    value.optional = True
    return value


def or_null(value: Expected) -> Expected:
    """An option that cannot be left out."""
    value.kinds.add("null")
    return value


def color() -> Expected:
    return names(red="Stop.", light_green="Go.")


def permissions() -> Expected:
    return many(names(read="May look.", write="May change."))


def point() -> Expected:
    return closed(x=integer(-(2**31), 2**31 - 1).said(POINT_X), y=number().said(POINT_Y))


def person() -> Expected:
    return closed(
        name=text().said("What they are called."),
        nickname=option(text().said("What friends call them.")),
        id=option(wide(0).said("Their number.")),
        home=option(point().said("Where they live.")),
    )


def u32() -> Expected:
    return integer(0, 2**32 - 1)


def shape() -> Expected:
    return either(
        names(nothing="No shape.", everything="All of the plane."),
        closed(circle=number()).said("A circle, by its radius."),
        closed(rectangle=places(u32(), u32())).said("A rectangle, by its width and height."),
        closed(polygon=many(point())).said("A polygon, by its corners."),
    )


def picture() -> Expected:
    return closed(
        shape=shape().said("What is in it."),
        colors=many(color()).said("What it is painted in."),
        painter=person().said("Who painted it."),
    )


def finder() -> Expected:
    return either(closed(name=text()).said("By name."), closed(number=wide(0)).said("By number."))


def outcome() -> Expected:
    return either(closed(ok=u32()), closed(err=text()))


def bounded(value: Expected, **bounds: Any) -> Expected:
    value.bounds = bounds
    return value


SCALARS = {
    "bool": Expected({"boolean"}),
    "u8": integer(0, 255),
    "u16": integer(0, 65535),
    "u32": u32(),
    "u64": wide(0),
    "s8": integer(-128, 127),
    "s16": integer(-32768, 32767),
    "s32": integer(-(2**31), 2**31 - 1),
    "s64": wide(None),
    "f32": number(),
    "f64": number(),
    "char": char(),
    "text": text(),
}
LISTS = {
    "list_u8": octets(),
    "list_string": many(text()),
    "list_u64": many(wide(0)),
    "list_f64": many(number()),
    "list_list": many(many(text())),
    "list_bytes": many(octets()),
    "list_enum": many(color()),
    "list_record": many(point()),
    "list_record_options": many(person()),
    "list_variant": many(shape()),
    "list_tuple": many(places(text(), integer(0, 255))),
    "list_option": many(or_null(text())),
    "list_result": many(outcome()),
}
COMPOUNDS = {
    "tuple": places(integer(0, 255), text(), number()),
    "tuple_of_one_type": places(text(), text()),
    "tuple_of_records": places(point(), point()),
    "tuple_nested": places(places(Expected({"boolean"}), char()), many(text())),
    "enum": color(),
    "flags": permissions(),
    "record": point(),
    "record_options": person(),
    "record_nested": picture(),
    "variant": shape(),
    "variant_of_payloads": finder(),
    "variant_of_names": names(left="To the left.", right="To the right."),
    "result": outcome(),
    "result_without_ok": either(names(ok=""), closed(err=text())),
    "result_without_error": either(names(err=""), closed(ok=u32())),
    "result_bare": names(ok="", err=""),
}
OPTIONS = {
    "option_bool": Expected({"boolean"}),
    "option_u32": u32(),
    "option_u64": wide(0),
    "option_f64": number(),
    "option_char": char(),
    "option_string": text(),
    "option_bytes": octets(),
    "option_enum": color(),
    "option_flags": permissions(),
    "option_list": many(text()),
    "option_tuple": places(text(), integer(0, 255)),
    "option_record": point(),
    "option_record_options": person(),
    "option_variant": shape(),
    "option_result": outcome(),
    "option_option": closed(some=or_null(u32())),
    "bounded_option": bounded(u32(), minimum=1, maximum=100),
}
RESTRICTED = {
    "bounded_u32": bounded(u32(), minimum=1, maximum=100),
    "bounded_u64": Expected({"integer"}, bounds={"minimum": 1, "maximum": 100}),
    "bounded_f64": Expected({"number"}, bounds={"minimum": 0, "maximum": 1}),
    "bounded_length": bounded(text(), minLength=2, maxLength=5),
    "bounded_pattern": bounded(text(), pattern="^[a-z]+$"),
    "bounded_list": bounded(many(text()), minItems=1, maxItems=3),
}
DEFAULTS = {"default_u32": u32()}


def tools() -> dict[str, Expected]:
    """Returns what a client must learn about the arguments of each tool."""
    required = SCALARS | LISTS | COMPOUNDS | RESTRICTED
    optional = {name: option(value) for name, value in (OPTIONS | DEFAULTS).items()}
    DEFAULTS["default_u32"].words = {"default": r"default: 5\b|default\D{0,20}\b5\b"}
    values = {name: closed(value=value.said("The value to return.")) for name, value in (required | optional).items()}
    return values | {"nothing": closed()}
