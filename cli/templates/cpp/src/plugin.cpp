// The interface `tools` of wit/world.wit. `toolcell build` makes plugin_cpp.h from the WIT.

#include <limits>

#include "plugin_cpp.h"

namespace exports::example::{{snake}}::tools {

std::expected<Share, SplitError> SplitBill(uint32_t total, uint32_t guests, uint32_t tip) {
  if (guests == 0) {
    return std::unexpected(SplitError{SplitError::NoGuests{}});
  }
  // The product of two 32-bit numbers fits into 64 bits, and a hundredth of it leaves room for one more.
  const auto sum = total + uint64_t{total} * tip / 100;
  constexpr auto largest = std::numeric_limits<uint32_t>::max();
  if (sum > largest) {
    return std::unexpected(SplitError{SplitError::TooLarge{largest}});
  }
  return Share{.each = static_cast<uint32_t>(sum / guests), .rest = static_cast<uint32_t>(sum % guests)};
}

}  // namespace exports::example::{{snake}}::tools
