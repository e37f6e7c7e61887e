#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <durable/model.hpp>

namespace durasim {

/// Finds the operations of an execution by their path: by looking at each when there are few, by an
/// open-addressed table when there are many. Operations are only ever appended.
class OperationIndex {
 public:
  std::optional<std::size_t> find(const std::vector<durable::Operation>& operations,
                                  durable::OperationPath path);

 private:
  void take_in(const std::vector<durable::Operation>& operations);
  std::size_t home_of(durable::OperationPath path) const;

  std::vector<std::uint32_t> table_;  // positions + 1, 0 where free; its size is a power of two
  std::size_t known_ = 0;             // how many operations are in the table
};

}  // namespace durasim
