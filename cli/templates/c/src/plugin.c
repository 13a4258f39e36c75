// The interface `tools` of wit/world.wit. `toolcell build` makes plugin.h from the WIT.

#include "plugin.h"

typedef exports_example_{{snake}}_tools_share_t share_t;
typedef exports_example_{{snake}}_tools_split_error_t split_error_t;

enum split_error_tag : uint8_t {
  NO_GUESTS = EXPORTS_EXAMPLE_{{SNAKE}}_TOOLS_SPLIT_ERROR_NO_GUESTS,
  TOO_LARGE = EXPORTS_EXAMPLE_{{SNAKE}}_TOOLS_SPLIT_ERROR_TOO_LARGE,
};

bool exports_example_{{snake}}_tools_split_bill(uint32_t total, uint32_t guests, uint32_t tip,
                                                 share_t* share, split_error_t* error) {
  if (guests == 0) {
    *error = (split_error_t){.tag = NO_GUESTS};
    return false;
  }
  // The product of two 32-bit numbers fits into 64 bits, and a hundredth of it leaves room for one more.
  const uint64_t sum = total + (uint64_t)total * tip / 100;
  if (sum > UINT32_MAX) {
    *error = (split_error_t){.tag = TOO_LARGE, .val.too_large = UINT32_MAX};
    return false;
  }
  *share = (share_t){.each = (uint32_t)(sum / guests), .rest = (uint32_t)(sum % guests)};
  return true;
}
