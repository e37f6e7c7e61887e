#include <atomic>
#include <map>
#include <mutex>
#include <string>

#include <durable/model.hpp>

#include "durable/model/growing_array.hpp"
#include "durable/model/sha256.hpp"

namespace durable {
namespace {

/// The finaliser of SplitMix64.
constexpr std::uint64_t mixed(std::uint64_t z) {
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31U);
}

/// Every place that an operation of this process ever had. Only grows. Every durable call asks for its
/// place, so what is known already is found without a lock.
class PathTrie {
 public:
  static PathTrie& instance() {
    static auto* const trie = new PathTrie();
    return *trie;
  }

  std::uint32_t child(std::uint32_t parent, std::uint32_t number) {
    if (const Children* children = node(parent).children.load(std::memory_order_acquire)) {
      const std::atomic<std::uint32_t>* const known = children->find(number);
      const std::uint32_t index = known ? known->load(std::memory_order_acquire) : 0;
      if (index != 0) return index;
    }
    return add(parent, number);
  }

  std::uint32_t parent(std::uint32_t index) const { return node(index).parent; }
  std::uint32_t number(std::uint32_t index) const { return node(index).number; }
  std::uint64_t hash(std::uint32_t index) const { return node(index).hash; }

  std::string wire_id(std::uint32_t index) {
    const std::lock_guard lock(mutex_);
    return computed_wire_id(index);
  }

 private:
  /// By number, their indices; 0 where there is none.
  using Children = GrowingArray<std::atomic<std::uint32_t>>;
  struct Node {
    std::uint32_t parent = 0;
    std::uint32_t number = 0;
    std::uint64_t hash = 0;
    std::atomic<Children*> children = nullptr;
  };

  PathTrie() { nodes_.grow_to(0); }

  /// Of an index that was handed out.
  Node& node(std::uint32_t index) const { return *nodes_.find(index); }

  std::uint32_t add(std::uint32_t parent, std::uint32_t number) {
    const std::lock_guard lock(mutex_);
    Children* children = node(parent).children.load(std::memory_order_relaxed);
    if (children == nullptr) {
      children = new Children();
      node(parent).children.store(children, std::memory_order_release);
    }
    std::atomic<std::uint32_t>& entry = children->grow_to(number);
    std::uint32_t index = entry.load(std::memory_order_relaxed);
    if (index != 0) return index;  // another thread came first
    index = ++last_index_;
    Node& added = nodes_.grow_to(index);
    added.parent = parent;
    added.number = number;
    added.hash = mixed(node(parent).hash + number * 0x9e3779b97f4a7c15U);
    entry.store(index, std::memory_order_release);
    return index;
  }

  const std::string& computed_wire_id(std::uint32_t index) {
    std::string& id = wire_ids_[index];
    if (id.empty() && index != 0) {
      const std::string number = std::to_string(node(index).number);
      const std::uint32_t parent = node(index).parent;
      id = sha256_hex(parent == 0 ? number : computed_wire_id(parent) + "-" + number);
    }
    return id;
  }

  GrowingArray<Node> nodes_;
  std::mutex mutex_;  // for all that follows, and for growing
  std::uint32_t last_index_ = 0;
  std::map<std::uint32_t, std::string> wire_ids_;
};

}  // namespace

OperationPath OperationPath::child(std::uint32_t number) const {
  return OperationPath(PathTrie::instance().child(index_, number));
}

OperationPath OperationPath::parent() const {
  return OperationPath(PathTrie::instance().parent(index_));
}

std::uint32_t OperationPath::number() const { return PathTrie::instance().number(index_); }

std::uint64_t OperationPath::hash() const { return PathTrie::instance().hash(index_); }

std::string OperationPath::to_string() const {
  if (is_root()) return "";
  const std::string above = parent().to_string();
  const std::string own = std::to_string(number());
  return above.empty() ? own : above + "." + own;
}

std::string OperationPath::wire_id() const { return PathTrie::instance().wire_id(index_); }

}  // namespace durable
