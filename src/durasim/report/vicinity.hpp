#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include <durasim/trace.hpp>

namespace durasim {

/// Where to look for the cause of a finding that has no place of its own, such as a failed expectation:
/// watches a run, until the first finding.
class Vicinity final : public Monitor {
 public:
  EventKinds interests() const override {
    using enum TraceEvent::Kind;
    return {operation_issued, choice, finding};
  }
  void on(const TraceEvent& event) override;

  /// after "reserve" at order.cpp:12. Empty before the first durable call.
  std::string last_call() const;
  /// the fault struck "reserve" at order.cpp:12; the last durable call was "ship" at order.cpp:15. Without
  /// a fault, or one that struck before the first durable call: last_call().
  std::string last_fault() const;

 private:
  struct Call {
    std::string name;
    std::source_location where;
    std::string describe() const;
  };

  std::map<std::pair<std::uint32_t, std::uint32_t>, Call> calls_;  // by execution and path
  const Call* last_ = nullptr;
  const Call* struck_ = nullptr;
  bool found_ = false;
};

}  // namespace durasim
