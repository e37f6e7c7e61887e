#include "durasim/service/operation_index.hpp"

#include <bit>

namespace durasim {
namespace {

constexpr std::size_t kLookedAtEach = 8;

}  // namespace

std::optional<std::size_t> OperationIndex::find(const std::vector<durable::Operation>& operations,
                                                durable::OperationPath path) {
  if (operations.size() <= kLookedAtEach) {
    for (std::size_t i = operations.size(); i-- > 0;) {
      if (operations[i].path == path) return i;
    }
    return std::nullopt;
  }
  if (operations.back().path == path) return operations.size() - 1;
  take_in(operations);
  for (std::size_t at = home_of(path); table_[at] != 0; at = (at + 1) & (table_.size() - 1)) {
    if (operations[table_[at] - 1].path == path) return table_[at] - 1;
  }
  return std::nullopt;
}

void OperationIndex::take_in(const std::vector<durable::Operation>& operations) {
  if (table_.size() < 2 * operations.size()) {
    table_.assign(4 * std::bit_ceil(operations.size()), 0);
    known_ = 0;
  }
  for (; known_ < operations.size(); ++known_) {
    std::size_t at = home_of(operations[known_].path);
    while (table_[at] != 0) at = (at + 1) & (table_.size() - 1);
    table_[at] = static_cast<std::uint32_t>(known_ + 1);
  }
}

std::size_t OperationIndex::home_of(durable::OperationPath path) const {
  const std::uint64_t spread = path.index() * std::uint64_t{0x9e3779b97f4a7c15U};
  return static_cast<std::size_t>(spread >> 32U) & (table_.size() - 1);
}

}  // namespace durasim
