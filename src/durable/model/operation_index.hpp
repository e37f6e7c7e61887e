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
    const std::size_t count = operations.size();
    if (count > 0 && operations[count - 1].path == path) return count - 1;
    if (count <= kLookedAtEach) {
      for (std::size_t i = count; i-- > 0;) {
        if (operations[i].path == path) return i;
      }
      return std::nullopt;
    }
    if (met_ < count) meet(operations);
    if (!paths_.contains(path)) return std::nullopt;
    return look_up(operations, path);
  }

 private:
  static constexpr std::size_t kLookedAtEach = 8;
  struct Entry {
    OperationPath path;
    std::uint32_t position = 0;  // plus 1; 0 where free
  };

  void meet(const std::vector<Operation>& operations);
  std::size_t look_up(const std::vector<Operation>& operations, OperationPath path);
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
