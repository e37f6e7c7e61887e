#pragma once

#include <cstddef>
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
    newest_read_ = 0;
  }

  /// nullptr where nothing is recorded.
  Operation* find(OperationPath path) {
    if (cursor_ < operations_.size() && operations_[cursor_].path == path) return read(cursor_++);
    if (cursor_ > 0 && operations_[cursor_ - 1].path == path) return read(cursor_ - 1);
    const auto found = index_.find(operations_, path);
    if (!found) return nullptr;
    cursor_ = *found + 1;
    return read(*found);
  }

  /// Takes in what the service says of an operation.
  void merge(Operation operation) {
    if (const auto found = index_.find(operations_, operation.path)) {
      operations_[*found] = std::move(operation);
    } else {
      operations_.push_back(std::move(operation));
    }
  }

  /// Whether something recorded has not been asked for yet.
  bool unread() const { return newest_read_ < operations_.size(); }
  const std::vector<Operation>& operations() const { return operations_; }

 private:
  Operation* read(std::size_t i) {
    if (i + 1 > newest_read_) newest_read_ = i + 1;
    return &operations_[i];
  }

  std::vector<Operation> operations_;
  OperationIndex index_;  // for when the cursor does not suffice
  std::size_t cursor_ = 0;
  std::size_t newest_read_ = 0;
};

}  // namespace durable
