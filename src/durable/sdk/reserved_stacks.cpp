#include "durable/sdk/reserved_stacks.hpp"

#include <stdexcept>
#include <vector>

#include "durable/fiber/stack_pool.hpp"

namespace durable {

struct ReservedStacks::Stacks {
  std::vector<boost::context::stack_context> taken;
};

ReservedStacks::ReservedStacks(std::size_t count) : stacks_(std::make_unique<Stacks>()) {
  try {
    while (stacks_->taken.size() < count) stacks_->taken.push_back(fiber::acquire_stack());
  } catch (const std::runtime_error&) {  // no room: the handlers need what is left
  }
}

ReservedStacks::~ReservedStacks() {
  for (auto& stack : stacks_->taken) fiber::release_stack(stack);
}

}  // namespace durable
