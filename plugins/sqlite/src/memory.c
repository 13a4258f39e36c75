#include "memory.h"

#include <stdlib.h>

static void* or_end(void* memory) {
  if (!memory) abort();
  return memory;
}

void* memory_new(size_t count, size_t size) { return or_end(calloc(count ? count : 1, size)); }

void* memory_grow(void* list, size_t count, size_t size) {
  const bool full = (count & (count - 1)) == 0;  // 0, 1, 2, 4, 8 …
  return full ? or_end(realloc(list, (count ? 2 * count : 1) * size)) : list;
}
