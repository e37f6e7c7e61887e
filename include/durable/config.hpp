#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include <durable/retry.hpp>

namespace durable {

/// What happens to a step whose invocation died while its body may have been running.
enum class StepSemantics : std::uint8_t {
  at_least_once_per_retry,  ///< the body runs again, within the same attempt
  at_most_once_per_retry    ///< the attempt counts as failed with StepInterruptedError
};

class Serdes;

struct StepConfig {
  RetryStrategy retry = retry::standard();
  StepSemantics semantics = StepSemantics::at_least_once_per_retry;
  /// Converts this step's result; by default that of the handler.
  std::shared_ptr<const Serdes> serdes = nullptr;
};

/// What is set for all operations of a handler at once.
struct HandlerConfig {
  /// Converts what the operations record; by default plain JSON.
  std::shared_ptr<const Serdes> serdes = nullptr;
};

/// The stacks that handlers run on.
struct StackConfig {
  /// Bytes of address space for each; only touched pages cost memory.
  std::size_t size = 8 * 1024 * 1024;
  /// At most this many at once (the kernel's vm.max_map_count is 65,530 by default; each takes two).
  std::size_t max_live = 30'000;
};

/// Applies to stacks made from now on, on every thread.
/// Errors:  ValidationError if size is under 64 KiB or max_live is 0.
void configure_stacks(const StackConfig& config);

}  // namespace durable
