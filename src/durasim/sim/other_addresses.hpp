#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "durable/sdk/reserved_stacks.hpp"

namespace durasim {

/// While it lives, what is made lies at other addresses than without it: the heap has holes in
/// another order and is padded, and handlers run on other stacks. Nothing else of a run depends on
/// where things lie; no hash of ours has an order that could matter.
class OtherAddresses {
 public:
  OtherAddresses();

 private:
  durable::ReservedStacks stacks_{1};
  std::vector<std::unique_ptr<std::byte[]>> padding_;
};

}  // namespace durasim
