// Returns what it is given. What comes in is the function's own, so handing it back moves it.

#include "type_matrix.h"

#define NAME(name) exports_matrix_types_echo_echo_##name
#define TYPE(name) exports_matrix_types_echo_##name##_t

#define ECHO_NUMBER(name, type) \
  type NAME(name)(type value) { return value; }

#define ECHO(name, type) \
  void NAME(name)(type * value, type * ret) { *ret = *value; }

#define ECHO_OPTION(name, type)                     \
  bool NAME(name)(type * maybe_value, type * ret) { \
    if (maybe_value) *ret = *maybe_value;           \
    return maybe_value;                             \
  }

ECHO_NUMBER(bool, bool)
ECHO_NUMBER(u8, uint8_t)
ECHO_NUMBER(s8, int8_t)
ECHO_NUMBER(u16, uint16_t)
ECHO_NUMBER(s16, int16_t)
ECHO_NUMBER(u32, uint32_t)
ECHO_NUMBER(s32, int32_t)
ECHO_NUMBER(u64, uint64_t)
ECHO_NUMBER(s64, int64_t)
ECHO_NUMBER(f32, float)
ECHO_NUMBER(f64, double)
ECHO_NUMBER(char, uint32_t)
ECHO(string, type_matrix_string_t)

ECHO(bytes, type_matrix_list_u8_t)
ECHO(u16s, type_matrix_list_u16_t)
ECHO(s64s, type_matrix_list_s64_t)
ECHO(f32s, type_matrix_list_f32_t)
ECHO(bools, type_matrix_list_bool_t)
ECHO(chars, type_matrix_list_char32_t)
ECHO(strings, type_matrix_list_string_t)
ECHO(table, type_matrix_list_list_string_t)
ECHO(points, TYPE(list_point))
ECHO(colors, TYPE(list_color))

ECHO(point, TYPE(point))
ECHO(crowd, TYPE(crowd))
ECHO(branch, TYPE(branch))
ECHO(shape, TYPE(shape))
ECHO(shapes, TYPE(list_shape))
ECHO_NUMBER(color, TYPE(color))
ECHO_NUMBER(permissions, TYPE(permissions))
ECHO_NUMBER(many, TYPE(many))
ECHO(tuple, type_matrix_tuple3_u8_string_f64_t)
ECHO(nested_tuple, type_matrix_tuple2_tuple2_bool_char32_list_string_t)

ECHO_OPTION(option_u32, uint32_t)
ECHO_OPTION(option_string, type_matrix_string_t)
ECHO_OPTION(option_bytes, type_matrix_list_u8_t)
ECHO_OPTION(option_option, type_matrix_option_u32_t)
ECHO(options, type_matrix_list_option_string_t)

ECHO(results, TYPE(list_result_u32_string))
ECHO(result_unit, TYPE(list_result_void_string))
ECHO(result_bare, TYPE(list_result_void_void))
