"""Arguments for each tool of `every_type`, for the one library that makes no schema but a grammar.

A grammar keeps the meaning if a model can write the first of each pair and cannot write the second, which is of another
type.
"""

from typing import Any

POINT = {"x": 1, "y": 2.5}
PERSON = {"name": "Ada", "nickname": "A", "id": 7, "home": POINT}
PICTURE = {"shape": "nothing", "colors": ["red"], "painter": {"name": "Ada"}}

PAIRS: dict[str, list[tuple[Any, Any]]] = {
    "bool": [(True, "yes")],
    **{name: [(7, "seven"), (0, 1.5)] for name in ("u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64")},
    **{name: [(1.5, "much"), (-2, [])] for name in ("f32", "f64")},
    "char": [("x", 1), ("é", None)],
    "text": [("hello", 1), ("", [])],
    "list_u8": [("AAEC", [0, 1, 2]), ("", 1)],
    "list_string": [(["a", "b"], [1]), ([], "a")],
    "list_u64": [([1, 2], [True])],
    "list_f64": [([1.5, 2], [True])],
    "list_list": [([["a"], []], ["a"])],
    "list_bytes": [(["AAEC"], [1])],
    "list_enum": [(["red", "light_green"], ["blue"])],
    "list_record": [([POINT], [{"x": 1}])],
    "list_record_options": [([PERSON, {"name": "Ada"}], [{"id": 7}])],
    "list_variant": [(["nothing", {"circle": 1.5}], [{"square": 1}])],
    "list_tuple": [([["a", 1]], [[True, True]])],
    "list_option": [(["a", None], [1])],
    "list_result": [([{"ok": 1}, {"err": "no"}], ["ok"])],
    "tuple": [([1, "a", 1.5], [True, True, True]), ([1, "a", 2], [1, "a"])],
    "tuple_of_one_type": [(["a", "b"], ["a"])],
    "tuple_of_records": [([POINT, POINT], [POINT])],
    "tuple_nested": [([[True, "x"], ["a"]], [True])],
    "enum": [("red", "blue"), ("light_green", 1)],
    "flags": [(["read", "write"], ["delete"]), ([], "read")],
    "record": [(POINT, {"x": 1}), (POINT, {"x": 1, "y": 2, "z": 3})],
    "record_options": [(PERSON, {"id": 7}), ({"name": "Ada"}, {"name": 1})],
    "record_nested": [(PICTURE, {"shape": "nothing"})],
    "variant": [("nothing", "square"), ({"circle": 1.5}, {"square": 1}), ({"rectangle": [1, 2]}, {"rectangle": 1})],
    "variant_of_payloads": [({"name": "Ada"}, "name"), ({"number": 7}, {"number": True})],
    "variant_of_names": [("left", "up")],
    "result": [({"ok": 1}, {"ok": True}), ({"err": "no"}, "ok")],
    "result_without_ok": [("ok", "err"), ({"err": "no"}, {"ok": 1})],
    "result_without_error": [({"ok": 1}, "ok"), ("err", {"err": "no"})],
    "result_bare": [("ok", "no")],
    "option_bool": [(True, "yes")],
    "option_u32": [(7, "seven")],
    "option_u64": [(7, "seven")],
    "option_f64": [(1.5, "much")],
    "option_char": [("x", 1)],
    "option_string": [("a", 1)],
    "option_bytes": [("AAEC", 1)],
    "option_enum": [("red", "blue")],
    "option_flags": [(["read"], ["delete"])],
    "option_list": [(["a"], [1])],
    "option_tuple": [(["a", 1], [True])],
    "option_record": [(POINT, {"x": 1})],
    "option_record_options": [({"name": "Ada"}, {"id": 7})],
    "option_variant": [({"circle": 1.5}, {"square": 1})],
    "option_result": [({"ok": 1}, "ok")],
    "option_option": [({"some": 7}, {"some": "seven"})],
    "bounded_option": [(7, "seven")],
    "bounded_u32": [(7, "seven")],
    "bounded_u64": [(7, "seven")],
    "bounded_f64": [(0.5, "half")],
    "bounded_length": [("abc", 1)],
    "bounded_pattern": [("abc", 1)],
    "bounded_list": [(["a"], [1])],
    "default_u32": [(7, "seven")],
    "nothing": [],
}


def arguments(tool: str) -> tuple[list[Any], list[Any]]:
    """Returns what a model must be able to write, and what it must not."""
    good = [{"value": pair[0]} for pair in PAIRS[tool]]
    if tool.startswith("option") or tool in ("bounded_option", "default_u32", "nothing"):
        good.append({})
    return good, [{"value": pair[1]} for pair in PAIRS[tool]]
