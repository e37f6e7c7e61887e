#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <durable/model.hpp>

#include "durable/model/operation_index.hpp"

namespace durable {

/// What an invocation knows of its execution's operations, in the order of their start. A handler
/// asks for them in nearly that order, so a cursor answers nearly always.
class Record {
 public:
  void load(std::vector<Operation> operations) {
    operations_ = std::move(operations);
    index_ = {};
    cursor_ = 0;
    virtual_depth_.reset();
  }

  /// nullptr where nothing is recorded.
  Operation* find(OperationPath path) {
    if (cursor_ < operations_.size() && operations_[cursor_].path == path)
      return &operations_[cursor_++];
    if (cursor_ > 0 && operations_[cursor_ - 1].path == path) return &operations_[cursor_ - 1];
    const auto found = index_.find(operations_, path);
    if (!found) return nullptr;
    cursor_ = *found + 1;
    return &operations_[*found];
  }

  /// Takes in what the service says of an operation.
  void merge(Operation&& operation) {
    if (virtual_depth_) *virtual_depth_ = std::max(*virtual_depth_, operation.virtual_contexts);
    if (const auto found = index_.find(operations_, operation.path)) {
      operations_[*found] = std::move(operation);
    } else {
      operations_.push_back(std::move(operation));
    }
  }

  /// Whether an operation is recorded at that place or, where a virtual context is there, inside it.
  bool begun(OperationPath path) {
    for (std::uint8_t depth = virtual_depth();; --depth, path = path.child(1)) {
      if (is_next(path) || index_.find(operations_, path)) return true;
      if (depth == 0) return false;
    }
  }
  const std::vector<Operation>& operations() const { return operations_; }

 private:
  bool is_next(OperationPath path) const {
    return cursor_ < operations_.size() && operations_[cursor_].path == path;
  }
  /// How many virtual contexts are inside one another, at most.
  std::uint8_t virtual_depth() {
    if (!virtual_depth_) {
      virtual_depth_ = 0;
      for (const Operation& operation : operations_)
        virtual_depth_ = std::max(*virtual_depth_, operation.virtual_contexts);
    }
    return *virtual_depth_;
  }

  std::vector<Operation> operations_;
  OperationIndex index_;  // for when the cursor does not suffice
  std::size_t cursor_ = 0;
  std::optional<std::uint8_t> virtual_depth_;  // made when it is asked for
};

}  // namespace durable
