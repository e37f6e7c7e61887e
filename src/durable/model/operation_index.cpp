#include "durable/model/operation_index.hpp"

#include <bit>

namespace durable {

void OperationIndex::take_in(const std::vector<Operation>& operations) {
  if (table_.size() < 2 * operations.size()) {
    table_.assign(4 * std::bit_ceil(operations.size()), {});
    known_ = 0;
  }
  for (; known_ < operations.size(); ++known_) {
    std::size_t at = home_of(operations[known_].path);
    while (table_[at].position != 0) at = next(at);
    table_[at] = {operations[known_].path, static_cast<std::uint32_t>(known_ + 1)};
  }
}

}  // namespace durable
