#pragma once

#include <algorithm>
#include <cstdint>

#include <durasim/trace.hpp>

#include "durasim/core/hash.hpp"

namespace durasim {

/// What coverage has to know of a run's events: whether another run went the same way, and what kinds
/// of events there were to judge. A few instructions an event: a trace would cost more than the run.
class Footprint {
 public:
  /// What shadow replays do is left out: they are spared where another run has made them.
  void add(const TraceEvent& event, bool in_shadow) {
    using enum TraceEvent::Kind;
    if (event.kind == replay_started) seen_ |= bit(event.kind);
    if (in_shadow || event.kind == choice) return;
    seen_ |= bit(event.kind);
    // Made for those only who watch: a trace of this run must not make another one of it.
    if (event.kind == value_returned || event.kind == unwinding || event.kind == body_ended) return;
    hash_.add(static_cast<std::uint64_t>(event.kind) | std::uint64_t{event.execution} << 8U |
              std::uint64_t{event.attempt} << 32U | flags(event) << 48U);
    hash_.add(event.path.hash() ^ static_cast<std::uint64_t>(event.at.time_since_epoch().count()));
    if (!event.operations.empty()) add_operations(event);
  }

  /// Of all that happened but the choices: equal for runs of equal events.
  std::uint64_t hash() const { return hash_.value(); }
  bool saw(TraceEvent::Kind kind) const { return (seen_ & bit(kind)) != 0; }
  /// An invocation began with something that was completed before.
  bool resumed() const { return resumed_; }

 private:
  static constexpr std::uint32_t bit(TraceEvent::Kind kind) {
    return std::uint32_t{1} << static_cast<unsigned>(kind);
  }
  static std::uint64_t flags(const TraceEvent& event) {
    return static_cast<std::uint64_t>(event.outcome) | std::uint64_t{event.applied} << 2U |
           std::uint64_t{event.ended_abnormally} << 3U |
           std::uint64_t{event.refusal != nullptr} << 4U |
           std::uint64_t{event.updates.size()} << 5U;
  }
  void add_operations(const TraceEvent& event) {
    hash_.add(event.operations.front().path.hash() + event.operations.size());
    if (event.kind != TraceEvent::Kind::invocation_started || resumed_) return;
    resumed_ = std::any_of(event.operations.begin(), event.operations.end(), [](const auto& one) {
      return one.type != durable::OperationType::execution && durable::is_terminal(one.status);
    });
  }

  Hash64 hash_;
  std::uint32_t seen_ = 0;
  bool resumed_ = false;
};

}  // namespace durasim
