#pragma once

#include "durable/fiber/fiber.hpp"

namespace durable::fiber {

/// Counts what it is told, for tests.
struct CountingListener final : Listener {
  int swallowed_before_end = 0;
  int swallowed_at_end = 0;
  int terminated_by_unwinding = 0;
  int terminated_otherwise = 0;

  void swallowed(Fiber&, bool at_end) override {
    ++(at_end ? swallowed_at_end : swallowed_before_end);
  }
  void terminated(Fiber&, bool by_unwinding) override {
    ++(by_unwinding ? terminated_by_unwinding : terminated_otherwise);
  }

  int findings() const {
    return swallowed_before_end + swallowed_at_end + terminated_by_unwinding + terminated_otherwise;
  }
};

}  // namespace durable::fiber
