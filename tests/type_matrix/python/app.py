"""Every value type of WIT, in and out. The contract of every function is in ../wit/world.wit."""

import math
from functools import reduce
from operator import xor

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports import compute, echo


class Echo(exports.Echo):
    """Returns what it is given."""

    def same(self, value):
        return value

    echo_bool = same
    echo_u8 = echo_u16 = echo_u32 = echo_u64 = same
    echo_s8 = echo_s16 = echo_s32 = echo_s64 = same
    echo_f32 = echo_f64 = same
    echo_char = echo_string = same
    echo_bytes = echo_u16s = echo_s64s = echo_f32s = echo_bools = same
    echo_chars = echo_strings = echo_table = same
    echo_points = echo_colors = echo_shapes = same
    echo_point = echo_crowd = echo_branch = echo_shape = same
    echo_color = echo_permissions = echo_many = same
    echo_tuple = echo_nested_tuple = same
    echo_option_u32 = echo_option_string = echo_option_bytes = same
    echo_option_option = echo_options = same
    echo_results = echo_result_unit = echo_result_bare = same


class Compute(exports.Compute):
    """Proves that a value has arrived inside, not only come back."""

    def nothing(self) -> None:
        pass

    def concatenate(self, *parts: str) -> str:
        return "".join(parts)

    def xor_u64(self, values: list[int]) -> int:
        return reduce(xor, values, 0)

    def byte_lengths(self, texts: list[str]) -> list[int]:
        return [len(text.encode()) for text in texts]

    def code_point(self, value: str) -> int:
        return ord(value)

    def next_color(self, value: echo.Color) -> echo.Color:
        return echo.Color((value.value + 1) % len(echo.Color))

    def complement(self, value: echo.Permissions) -> echo.Permissions:
        return ~value

    def bounds(self, points: list[echo.Point]) -> tuple[echo.Point, echo.Point]:
        if not points:
            raise Err(compute.Failure_Empty())
        xs = [point.x for point in points]
        ys = [point.y for point in points]
        return echo.Point(min(xs), min(ys)), echo.Point(max(xs), max(ys))

    def case_name(self, value: echo.Shape) -> str:
        match value:
            case echo.Shape_Nothing():
                return "nothing"
            case echo.Shape_Circle():
                return "circle"
            case echo.Shape_Polygon():
                return "polygon"
            case echo.Shape_Tagged():
                return "tagged"
            case echo.Shape_Code():
                return "code"
            case echo.Shape_Text():
                return "text"

    def root(self, value: int) -> int:
        if value < 0:
            raise Err(compute.Failure_Negative(value))
        return math.isqrt(value)

    def fail(self, message: str) -> None:
        if message:
            raise Err(message)
