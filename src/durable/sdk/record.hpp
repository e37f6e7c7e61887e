#pragma once

#include <cstddef>
#include <unordered_map>
#include <utility>
#include <vector>

#include <durable/model.hpp>

namespace durable {

/// What an invocation knows of its execution's operations, in the order of their start. A handler
/// asks for them in nearly that order, so a cursor answers nearly always.
class Record {
 public:
  void load(std::vector<Operation> operations) {
    operations_ = std::move(operations);
    index_.clear();
    cursor_ = 0;
    newest_read_ = 0;
  }

  /// nullptr where nothing is recorded.
  Operation* find(OperationPath path) {
    if (cursor_ < operations_.size() && operations_[cursor_].path == path) return read(cursor_++);
    if (cursor_ > 0 && operations_[cursor_ - 1].path == path) return read(cursor_ - 1);
    if (operations_.size() <= kScanned) {
      for (std::size_t i = 0; i < operations_.size(); ++i) {
        if (operations_[i].path == path) return read_from(i);
      }
      return nullptr;
    }
    build_index();
    const auto at = index_.find(path.index());
    return at == index_.end() ? nullptr : read_from(at->second);
  }

  /// Takes in what the service says of an operation.
  void merge(const Operation& operation) {
    for (std::size_t i = operations_.size(); i-- > 0;) {
      if (operations_[i].path == operation.path) {
        operations_[i] = operation;
        return;
      }
      if (operations_.size() - i > kScanned) break;
    }
    build_index();
    const auto at = index_.find(operation.path.index());
    if (at != index_.end()) {
      operations_[at->second] = operation;
      return;
    }
    index_.emplace(operation.path.index(), operations_.size());
    operations_.push_back(operation);
  }

  /// Whether something recorded has not been asked for yet.
  bool unread() const { return newest_read_ < operations_.size(); }
  const std::vector<Operation>& operations() const { return operations_; }

 private:
  static constexpr std::size_t kScanned = 8;

  Operation* read(std::size_t i) {
    if (i + 1 > newest_read_) newest_read_ = i + 1;
    return &operations_[i];
  }
  Operation* read_from(std::size_t i) {
    cursor_ = i + 1;
    return read(i);
  }
  void build_index() {
    for (std::size_t i = index_.size(); i < operations_.size(); ++i)
      index_.emplace(operations_[i].path.index(), i);
  }

  std::vector<Operation> operations_;
  std::unordered_map<std::uint32_t, std::size_t> index_;  // built when the cursor does not suffice
  std::size_t cursor_ = 0;
  std::size_t newest_read_ = 0;
};

}  // namespace durable
