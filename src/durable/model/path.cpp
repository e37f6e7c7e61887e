#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include <durable/model.hpp>

#include "durable/model/sha256.hpp"

namespace durable {
namespace {

/// Every place that an operation of this process ever had. Only grows; entries never change, except
/// that the wire id is filled in when it is first asked for.
class PathTrie {
 public:
  static PathTrie& instance() {
    static auto* const trie = new PathTrie();
    return *trie;
  }

  std::uint32_t child(std::uint32_t parent, std::uint32_t number) {
    const std::lock_guard lock(mutex_);
    Node& node = nodes_[parent];
    if (node.children.size() < number) node.children.resize(number, 0);
    if (node.children[number - 1] == 0) {
      const auto index = static_cast<std::uint32_t>(nodes_.size());
      nodes_[parent].children[number - 1] = index;
      nodes_.push_back({parent, number, {}, {}});
      return index;
    }
    return node.children[number - 1];
  }

  std::pair<std::uint32_t, std::uint32_t> parent_and_number(std::uint32_t index) {
    const std::lock_guard lock(mutex_);
    return {nodes_[index].parent, nodes_[index].number};
  }

  std::string wire_id(std::uint32_t index) {
    const std::lock_guard lock(mutex_);
    return computed_wire_id(index);
  }

 private:
  struct Node {
    std::uint32_t parent;
    std::uint32_t number;
    std::vector<std::uint32_t> children;
    std::string wire_id;
  };

  const std::string& computed_wire_id(std::uint32_t index) {
    Node& node = nodes_[index];
    if (node.wire_id.empty() && index != 0) {
      const std::string number = std::to_string(node.number);
      node.wire_id =
          sha256_hex(node.parent == 0 ? number : computed_wire_id(node.parent) + "-" + number);
    }
    return node.wire_id;
  }

  std::mutex mutex_;
  std::deque<Node> nodes_{Node{0, 0, {}, {}}};
};

}  // namespace

OperationPath OperationPath::child(std::uint32_t number) const {
  return OperationPath(PathTrie::instance().child(index_, number));
}

OperationPath OperationPath::parent() const {
  return OperationPath(PathTrie::instance().parent_and_number(index_).first);
}

std::uint32_t OperationPath::number() const {
  return PathTrie::instance().parent_and_number(index_).second;
}

std::string OperationPath::to_string() const {
  if (is_root()) return "";
  const std::string above = parent().to_string();
  const std::string own = std::to_string(number());
  return above.empty() ? own : above + "." + own;
}

std::string OperationPath::wire_id() const { return PathTrie::instance().wire_id(index_); }

}  // namespace durable
