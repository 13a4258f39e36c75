// Tests of the plugin's own logic, on this machine: `make test`.

#undef NDEBUG
#include "plugin.h"

#include <assert.h>
#include <stdio.h>

#define split_bill exports_example_{{snake}}_tools_split_bill

static exports_example_{{snake}}_tools_share_t share;
static exports_example_{{snake}}_tools_split_error_t error;

static void every_guest_pays_the_same_and_the_first_the_rest(void) {
  assert(split_bill(10000, 3, 10, &share, &error));
  assert(share.each == 3666 && share.rest == 2);
}

static void fractions_of_a_cent_are_dropped(void) {
  assert(split_bill(99, 1, 1, &share, &error));
  assert(share.each == 99 && share.rest == 0);
}

static void a_bill_needs_guests(void) {
  assert(!split_bill(100, 0, 0, &share, &error));
  assert(error.tag == EXPORTS_EXAMPLE_{{SNAKE}}_TOOLS_SPLIT_ERROR_NO_GUESTS);
}

static void the_largest_bill_has_no_room_for_a_tip(void) {
  assert(split_bill(UINT32_MAX, 1, 0, &share, &error));
  assert(share.each == UINT32_MAX);
  assert(!split_bill(UINT32_MAX, 1, UINT32_MAX, &share, &error));
  assert(error.tag == EXPORTS_EXAMPLE_{{SNAKE}}_TOOLS_SPLIT_ERROR_TOO_LARGE);
  assert(error.val.too_large == UINT32_MAX);
}

int main(void) {
  every_guest_pays_the_same_and_the_first_the_rest();
  fractions_of_a_cent_are_dropped();
  a_bill_needs_guests();
  the_largest_bill_has_no_room_for_a_tip();
  puts("4 passed, 0 failed");
}
