#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <durable/model.hpp>

#include "durable/model/path_set.hpp"

namespace durable {

/// Finds the operations of an execution by their path: by looking at each when there are few, by an
/// open-addressed table when there are many. A handler asks most often for what is not recorded yet, or
/// for the newest operation: neither needs the table. Operations are only ever appended.
class OperationIndex {
 public:
  std::optional<std::size_t> find(const std::vector<Operation>& operations, OperationPath path) {
    if (operations.size() <= kLookedAtEach) {
      for (std::size_t i = operations.size(); i-- > 0;) {
        if (operations[i].path == path) return i;
      }
      return std::nullopt;
    }
    if (operations.back().path == path) return operations.size() - 1;
    for (; met_ < operations.size(); ++met_) paths_.insert(operations[met_].path);
    if (!paths_.contains(path)) return std::nullopt;
    if (known_ < operations.size()) take_in(operations);
    for (std::size_t at = home_of(path); table_[at].position != 0; at = next(at)) {
      if (table_[at].path == path) return table_[at].position - 1;
    }
    return std::nullopt;
  }

 private:
  static constexpr std::size_t kLookedAtEach = 8;
  struct Entry {
    OperationPath path;
    std::uint32_t position = 0;  // plus 1; 0 where free
  };

  void take_in(const std::vector<Operation>& operations);
  std::size_t next(std::size_t at) const { return (at + 1) & (table_.size() - 1); }
  std::size_t home_of(OperationPath path) const {
    const std::uint64_t spread = path.index() * std::uint64_t{0x9e3779b97f4a7c15U};
    return static_cast<std::size_t>(spread >> 32U) & (table_.size() - 1);
  }

  PathSet paths_;
  std::size_t met_ = 0;       // how many operations are in the set
  std::vector<Entry> table_;  // its size is a power of two
  std::size_t known_ = 0;     // how many operations are in the table
};

}  // namespace durable
