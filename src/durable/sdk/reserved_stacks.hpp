#pragma once

#include <cstddef>
#include <memory>

namespace durable {

/// Keeps stacks of this thread's pool from being handed out, so that handlers run on others
/// meanwhile. As many as there is room for, at most those that are asked for.
class ReservedStacks {
 public:
  explicit ReservedStacks(std::size_t count);
  ~ReservedStacks();
  ReservedStacks(const ReservedStacks&) = delete;
  ReservedStacks& operator=(const ReservedStacks&) = delete;

 private:
  struct Stacks;
  std::unique_ptr<Stacks> stacks_;
};

}  // namespace durable
