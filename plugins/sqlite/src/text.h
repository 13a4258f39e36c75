// Text that leaves SQLite. It need not be UTF-8 there; in a component it must be.

#pragma once

#include "tools.h"

// Whether the bytes are well-formed UTF-8.
bool text_is_utf8(const uint8_t* bytes, size_t length);

// A copy of a text that ends with NUL. Bytes that are not UTF-8 become `?`.
plugin_string_t text_copy(const char* text);
