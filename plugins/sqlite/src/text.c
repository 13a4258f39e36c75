#include "text.h"

#include <string.h>

#include "memory.h"

static bool continues(uint8_t byte) { return (byte & 0xC0) == 0x80; }

// The length of the character that starts here, or 0 if none does.
static size_t character(const uint8_t* at, size_t left) {
  if (at[0] < 0x80) return 1;
  if (at[0] < 0xC2 || at[0] > 0xF4) return 0;
  const size_t length = at[0] < 0xE0 ? 2 : at[0] < 0xF0 ? 3 : 4;
  if (length > left) return 0;
  for (size_t i = 1; i < length; i++) {
    if (!continues(at[i])) return 0;
  }
  const bool overlong = (at[0] == 0xE0 && at[1] < 0xA0) || (at[0] == 0xF0 && at[1] < 0x90);
  const bool surrogate = at[0] == 0xED && at[1] >= 0xA0;
  const bool beyond = at[0] == 0xF4 && at[1] >= 0x90;
  return overlong || surrogate || beyond ? 0 : length;
}

bool text_is_utf8(const uint8_t* bytes, size_t length) {
  for (size_t at = 0; at < length;) {
    const size_t step = character(bytes + at, length - at);
    if (step == 0) return false;
    at += step;
  }
  return true;
}

plugin_string_t text_copy(const char* text) {
  const size_t length = strlen(text);
  plugin_string_t copy = {.ptr = memory_new(length, 1), .len = length};
  memcpy(copy.ptr, text, length);
  for (size_t at = 0; at < length;) {
    const size_t step = character(copy.ptr + at, length - at);
    if (step == 0) copy.ptr[at] = '?';
    at += step ? step : 1;
  }
  return copy;
}
