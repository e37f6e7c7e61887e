#include <atomic>
#include <map>
#include <mutex>
#include <string>

#include <durable/model.hpp>

#include "durable/model/growing_array.hpp"
#include "durable/model/sha256.hpp"

namespace durable {
namespace {

/// By number, the indices of a path's children; 0 where there is none.
using Children = GrowingArray<std::atomic<std::uint32_t>>;

struct Node {
  std::uint32_t parent = 0;
  std::uint32_t number = 0;
  std::uint64_t hash = 0;
  std::atomic<Children*> children = nullptr;
};

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

 private:
  /// Of an index that was handed out.
  Node& node(std::uint32_t index) const { return nodes_[index]; }

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

  GrowingArray<Node> nodes_;
  std::mutex mutex_;  // for growing
  std::uint32_t last_index_ = 0;
};

constinit PathTrie every_path;

/// The ids on the wire that were asked for. Never destroyed: whoever asks may live as long.
class WireIds {
 public:
  static WireIds& instance() {
    static auto* const ids = new WireIds();
    return *ids;
  }

  std::string of(OperationPath path) {
    const std::lock_guard lock(mutex_);
    return computed(path);
  }

 private:
  const std::string& computed(OperationPath path) {
    std::string& id = ids_[path.index()];
    if (id.empty() && !path.is_root()) {
      const std::string number = std::to_string(path.number());
      const OperationPath parent = path.parent();
      id = sha256_hex(parent.is_root() ? number : computed(parent) + "-" + number);
    }
    return id;
  }

  std::mutex mutex_;
  std::map<std::uint32_t, std::string> ids_;
};

}  // namespace

OperationPath OperationPath::child(std::uint32_t number) const {
  return OperationPath(every_path.child(index_, number));
}

OperationPath OperationPath::parent() const { return OperationPath(every_path.parent(index_)); }

std::uint32_t OperationPath::number() const { return every_path.number(index_); }

std::uint64_t OperationPath::hash() const { return every_path.hash(index_); }

std::string OperationPath::to_string() const {
  if (is_root()) return "";
  const std::string above = parent().to_string();
  const std::string own = std::to_string(number());
  return above.empty() ? own : above + "." + own;
}

std::string OperationPath::wire_id() const { return WireIds::instance().of(*this); }

}  // namespace durable
