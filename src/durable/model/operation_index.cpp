#include "durable/model/operation_index.hpp"

#include <bit>

namespace durable {

void OperationIndex::meet(const std::vector<Operation>& operations) {
  for (; met_ < operations.size(); ++met_) paths_.insert(operations[met_].path);
}

/// Of a path that was met.
std::size_t OperationIndex::look_up(const std::vector<Operation>& operations, OperationPath path) {
  if (known_ < operations.size()) take_in(operations);
  std::size_t at = home_of(path);
  while (table_[at].path != path) at = next(at);
  return table_[at].position - 1;
}

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
