#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <durasim/service.hpp>

#include "durable/model/operation_index.hpp"
#include "durasim/service/fingerprint.hpp"

namespace durasim {

/// One execution, with what only the service knows of it.
struct Service::Slot {
  /// An operation that a timer will change: a WAIT or CALLBACK that is STARTED, a STEP that is PENDING.
  struct Waiting {
    std::uint32_t operation;
    Wake which;
    Timestamp due;
    Clock::TimerId timer;
  };
  /// A CALLBACK or CHAINED_INVOKE that is STARTED.
  struct Outstanding {
    std::uint32_t operation;
    std::chrono::seconds heartbeat_timeout{0};
    std::uint64_t asked = 0;  ///< hash of what the outside was asked for
  };
  /// The last request that was applied, by which a repeated one is recognised, and its answer.
  struct Answered {
    std::uint64_t client_token = 0;  ///< 0: none that could be repeated
    durable::CheckpointToken inbound;
    Timestamp at{};
    std::optional<durable::CheckpointToken> token;
    std::vector<durable::Operation> operations;
    std::uint32_t next_marker = 0;
  };

  bool running() const { return !durable::is_terminal(data->status); }
  bool wanting() const { return running() && (owed || triggered) && !in_flight; }
  std::optional<std::size_t> find(durable::OperationPath path) {
    return index.find(data->operations, path);
  }
  /// Handlers are not told of the operation at `position`: it is part of a completed context.
  bool is_collapsed(std::size_t position) const {
    return position < collapsed.size() && collapsed[position];
  }
  /// nullptr where the operation at `position` is none.
  const Outstanding* find_outstanding(std::size_t position) const {
    for (const Outstanding& one : outstanding)
      if (one.operation == position) return &one;
    return nullptr;
  }
  void forget_outstanding(std::size_t position) {
    std::erase_if(outstanding, [&](const auto& one) { return one.operation == position; });
  }
  /// The operation at `position` is not what handlers were told of it.
  void touch(std::size_t position) {
    if (unheard.empty() || unheard.back() != position)
      unheard.push_back(static_cast<std::uint32_t>(position));
    fingerprint.changed(position);
  }
  std::uint64_t durable_state(Timestamp now, const ServiceConfig& config);

  std::shared_ptr<Execution> data;
  durable::CheckpointToken token;  ///< the only one that can write
  Timestamp invoked_at{};          ///< when the newest invocation began
  bool owed = false;            ///< an invocation has to come, whatever the one under way is told
  bool triggered = false;       ///< a timer changed something that the handler has not been told of
  bool in_flight = false;       ///< no other invocation begins
  bool queued = false;          ///< to be looked at when the next invocation begins
  bool open = false;            ///< the newest invocation has neither responded nor failed
  std::uint32_t failures = 0;   ///< invocations that failed since the last one that did not
  std::uint32_t page_size = 0;  ///< that the newest invocation reads; 0: everything in one page
  Clock::TimerId timeout = 0;   ///< of the execution
  Clock::TimerId reinvocation = 0;  ///< after a failed invocation; 0: none
  std::vector<Waiting> waiting;
  std::vector<Outstanding> outstanding;
  std::vector<bool> collapsed;         ///< by position; empty until there is one
  std::vector<std::uint32_t> unheard;  ///< changed since the newest invocation heard; may repeat
  Answered answered;
  std::vector<std::uint32_t> rest;  ///< what did not fit into the last answer
  durable::OperationIndex index;
  Fingerprint fingerprint;
  std::uint64_t began_with = 0;  ///< hash of function and input, once it was asked for
};

/// What the service's timers carry beside the execution's number: the position of an operation plus
/// one, or one of these.
inline constexpr std::uint32_t kExecutionTimeout = 0;
inline constexpr std::uint32_t kReinvocation = 0xffffffffU;

/// Added to the markers of an answer's pages, which count what the answer left over. Those of an event
/// are positions in the record.
inline constexpr std::uint32_t kOfAnswer = 0x80000000U;
/// The marker of the record's first operation, where the page before it was empty.
inline constexpr std::uint32_t kFromStart = kOfAnswer - 1;

}  // namespace durasim
