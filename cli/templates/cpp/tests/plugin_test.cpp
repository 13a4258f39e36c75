// Tests of the plugin's own logic, on this machine: `make test`.

#undef NDEBUG
#include <cassert>
#include <limits>
#include <print>

#include "plugin_cpp.h"

using namespace exports::example::{{snake}}::tools;

namespace {

constexpr auto largest = std::numeric_limits<uint32_t>::max();

void every_guest_pays_the_same_and_the_first_the_rest() {
  const auto share = SplitBill(10000, 3, 10);
  assert(share && share->each == 3666 && share->rest == 2);
}

void fractions_of_a_cent_are_dropped() {
  const auto share = SplitBill(99, 1, 1);
  assert(share && share->each == 99 && share->rest == 0);
}

void a_bill_needs_guests() {
  const auto share = SplitBill(100, 0, 0);
  assert(!share && std::holds_alternative<SplitError::NoGuests>(share.error().variants));
}

void the_largest_bill_has_no_room_for_a_tip() {
  assert(SplitBill(largest, 1, 0)->each == largest);
  const auto share = SplitBill(largest, 1, largest);
  assert(!share && std::get<SplitError::TooLarge>(share.error().variants).value == largest);
}

}  // namespace

int main() {
  every_guest_pays_the_same_and_the_first_the_rest();
  fractions_of_a_cent_are_dropped();
  a_bill_needs_guests();
  the_largest_bill_has_no_room_for_a_tip();
  std::println("4 passed, 0 failed");
}
