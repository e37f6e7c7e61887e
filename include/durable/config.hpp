#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <durable/retry.hpp>
#include <durable/whole_seconds.hpp>

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

struct ChildContextConfig {
  /// Converts the result of the context; by default that of the handler.
  std::shared_ptr<const Serdes> serdes = nullptr;
  /// Groups and numbers operations, but is not recorded itself: its body runs at every replay.
  bool is_virtual = false;
};

struct CallbackConfig {
  /// From its creation to its end. 0: any time. At most 366 days.
  WholeSeconds timeout = {};
  /// The longest time without a heartbeat. 0: any. At most 366 days.
  WholeSeconds heartbeat_timeout = {};
  /// Converts what the outside sends; by default a std::string is that text as it is, and any other
  /// type is read from it as JSON.
  std::shared_ptr<const Serdes> serdes = nullptr;
};

struct WaitForCallbackConfig {
  /// As CallbackConfig.
  WholeSeconds timeout = {};
  WholeSeconds heartbeat_timeout = {};
  std::shared_ptr<const Serdes> serdes = nullptr;
  /// Of the submitter, which is a step.
  RetryStrategy retry = retry::standard();
};

struct InvokeConfig {
  /// Convert what is sent and what comes back; by default both are plain JSON.
  std::shared_ptr<const Serdes> payload_serdes = nullptr;
  std::shared_ptr<const Serdes> result_serdes = nullptr;
  /// 1 to 256 of [a-zA-Z0-9._:/=+-@ ]; empty for none.
  std::string tenant_id = {};
};

/// How often a condition is checked: after check n, `initial * backoff_rate ^ (n - 1)` later.
struct PollingOptions {
  /// Checks in all; the operation fails when the last one does not meet the condition.
  std::uint32_t max_attempts = 60;
  std::chrono::seconds initial{5};
  /// No delay is longer.
  std::chrono::seconds longest{300};
  double backoff_rate = 1.5;
  Jitter jitter = Jitter::full;
};

/// What follows a check: nothing more, unless `again` is set.
struct PollingDecision {
  bool again = false;
  /// Until the next check. Units: whole seconds up to 366 days; 0 is taken as 1.
  std::chrono::seconds delay{1};
  Jitter jitter = Jitter::none;
};

template <class State>
struct WaitForConditionConfig {
  /// Whether the condition is still not met, given the state that the check returned.
  std::function<bool(const State&)> continue_while = {};
  PollingOptions polling = {};
  /// Decides by itself, instead of the two above; `attempt` is the check just made, counted from 1.
  std::function<PollingDecision(const State& state, std::uint32_t attempt)> strategy = {};
  /// Converts the state; by default that of the handler.
  std::shared_ptr<const Serdes> serdes = nullptr;
};

struct WithRetryConfig {
  RetryStrategy retry = retry::standard();
  /// Attempts and the waits between them become operations of a child context of their own.
  bool in_child_context = true;
};

/// What is set for all operations of a handler at once.
struct HandlerConfig {
  /// Converts what the operations record; by default plain JSON.
  std::shared_ptr<const Serdes> serdes = nullptr;
  /// Lines of Context::logger() are written on every replay, not only the first time.
  bool log_on_replay = false;
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
