// Proves that a value has arrived inside. What comes in is freed once it is used.

#include <stdlib.h>
#include <string.h>

#include "type_matrix.h"

#define NAME(name) exports_matrix_types_compute_##name
#define TYPE(name) exports_matrix_types_compute_##name##_t
#define ECHO(name) EXPORTS_MATRIX_TYPES_ECHO_##name
#define FAILURE(name) EXPORTS_MATRIX_TYPES_COMPUTE_FAILURE_##name

// Memory for something that is returned; without it there is nothing to return.
static void* allocate(size_t bytes) {
  void* memory = malloc(bytes);
  if (!memory && bytes) abort();
  return memory;
}

void NAME(nothing)(void) {}

void NAME(concatenate)(type_matrix_string_t* a, type_matrix_string_t* b, type_matrix_string_t* c, type_matrix_string_t* d,
                       type_matrix_string_t* e, type_matrix_string_t* f, type_matrix_string_t* g, type_matrix_string_t* h,
                       type_matrix_string_t* i, type_matrix_string_t* ret) {
  type_matrix_string_t* parts[] = {a, b, c, d, e, f, g, h, i};
  size_t length = 0;
  for (size_t n = 0; n < 9; n++) length += parts[n]->len;
  *ret = (type_matrix_string_t){.ptr = allocate(length), .len = length};
  uint8_t* end = ret->ptr;
  for (size_t n = 0; n < 9; n++) {
    if (parts[n]->len) memcpy(end, parts[n]->ptr, parts[n]->len);
    end += parts[n]->len;
    type_matrix_string_free(parts[n]);
  }
}

uint64_t NAME(xor_u64)(type_matrix_list_u64_t* values) {
  uint64_t all = 0;
  for (size_t n = 0; n < values->len; n++) all ^= values->ptr[n];
  type_matrix_list_u64_free(values);
  return all;
}

void NAME(byte_lengths)(type_matrix_list_string_t* texts, type_matrix_list_u32_t* ret) {
  *ret = (type_matrix_list_u32_t){.ptr = allocate(texts->len * sizeof(uint32_t)), .len = texts->len};
  for (size_t n = 0; n < texts->len; n++) ret->ptr[n] = texts->ptr[n].len;
  type_matrix_list_string_free(texts);
}

uint32_t NAME(code_point)(uint32_t value) { return value; }

TYPE(color) NAME(next_color)(TYPE(color) value) {
  return value == ECHO(COLOR_BLUE) ? ECHO(COLOR_RED) : value + 1;
}

TYPE(permissions) NAME(complement)(TYPE(permissions) value) {
  return ~value & (ECHO(PERMISSIONS_READ) | ECHO(PERMISSIONS_WRITE) | ECHO(PERMISSIONS_USE));
}

static int32_t smaller(int32_t a, int32_t b) { return a < b ? a : b; }
static int32_t larger(int32_t a, int32_t b) { return a < b ? b : a; }

bool NAME(bounds)(TYPE(list_point) * points, TYPE(tuple2_point_point) * ret, TYPE(failure) * err) {
  if (points->len == 0) {
    *err = (TYPE(failure)){.tag = FAILURE(EMPTY)};
    return false;
  }
  TYPE(point) low = points->ptr[0], high = low;
  for (size_t n = 1; n < points->len; n++) {
    TYPE(point) point = points->ptr[n];
    low = (TYPE(point)){smaller(low.x, point.x), smaller(low.y, point.y)};
    high = (TYPE(point)){larger(high.x, point.x), larger(high.y, point.y)};
  }
  *ret = (TYPE(tuple2_point_point)){low, high};
  exports_matrix_types_compute_list_point_free(points);
  return true;
}

static const char* const shape_names[] = {
    [ECHO(SHAPE_NOTHING)] = "nothing", [ECHO(SHAPE_CIRCLE)] = "circle", [ECHO(SHAPE_POLYGON)] = "polygon",
    [ECHO(SHAPE_TAGGED)] = "tagged",   [ECHO(SHAPE_CODE)] = "code",     [ECHO(SHAPE_TEXT)] = "text",
};

void NAME(case_name)(TYPE(shape) * value, type_matrix_string_t* ret) {
  type_matrix_string_dup(ret, shape_names[value->tag]);
  exports_matrix_types_compute_shape_free(value);
}

bool NAME(root)(int32_t value, uint32_t* ret, TYPE(failure) * err) {
  if (value < 0) {
    *err = (TYPE(failure)){.tag = FAILURE(NEGATIVE), .val.negative = value};
    return false;
  }
  uint32_t root = 0;
  while ((uint64_t)(root + 1) * (root + 1) <= (uint32_t)value) root++;
  *ret = root;
  return true;
}

bool NAME(fail)(type_matrix_string_t* message, type_matrix_string_t* err) {
  *err = *message;
  return message->len == 0;
}
