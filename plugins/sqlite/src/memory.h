// Memory for what is returned. It is freed after the call, and without it there is no call.

#pragma once

#include <stddef.h>

// Room for `count` things of `size` bytes. Ends the call if there is none.
void* memory_new(size_t count, size_t size);

// Makes room for one more thing in a list of `count`. The room doubles whenever it is used up.
void* memory_grow(void* list, size_t count, size_t size);
