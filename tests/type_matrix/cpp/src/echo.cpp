// Returns what it is given: values that own memory are moved.

#include "type_matrix_cpp.h"

namespace exports::matrix::types::echo {

#define ECHO(name, ...) \
  __VA_ARGS__ Echo##name(__VA_ARGS__ value) { return value; }

ECHO(Bool, bool)
ECHO(U8, uint8_t)
ECHO(S8, int8_t)
ECHO(U16, uint16_t)
ECHO(S16, int16_t)
ECHO(U32, uint32_t)
ECHO(S32, int32_t)
ECHO(U64, uint64_t)
ECHO(S64, int64_t)
ECHO(F32, float)
ECHO(F64, double)
ECHO(Char, uint32_t)
ECHO(String, wit::string)

ECHO(Bytes, wit::vector<uint8_t>)
ECHO(U16s, wit::vector<uint16_t>)
ECHO(S64s, wit::vector<int64_t>)
ECHO(F32s, wit::vector<float>)
ECHO(Bools, wit::vector<bool>)
ECHO(Chars, wit::vector<uint32_t>)
ECHO(Strings, wit::vector<wit::string>)
ECHO(Table, wit::vector<wit::vector<wit::string>>)
ECHO(Points, wit::vector<Point>)
ECHO(Colors, wit::vector<Color>)

ECHO(Point, Point)
ECHO(Crowd, Crowd)
ECHO(Branch, Branch)
ECHO(Shape, Shape)
ECHO(Shapes, wit::vector<Shape>)
ECHO(Color, Color)
ECHO(Permissions, Permissions)
ECHO(Many, Many)
ECHO(Tuple, std::tuple<uint8_t, wit::string, double>)
ECHO(NestedTuple, std::tuple<std::tuple<bool, uint32_t>, wit::vector<wit::string>>)

ECHO(OptionU32, std::optional<uint32_t>)
ECHO(OptionString, std::optional<wit::string>)
ECHO(OptionBytes, std::optional<wit::vector<uint8_t>>)
ECHO(OptionOption, std::optional<std::optional<uint32_t>>)
ECHO(Options, wit::vector<std::optional<wit::string>>)

ECHO(Results, wit::vector<std::expected<uint32_t, wit::string>>)
ECHO(ResultUnit, wit::vector<std::expected<void, wit::string>>)
ECHO(ResultBare, wit::vector<std::expected<void, wit::Void>>)

}  // namespace exports::matrix::types::echo
