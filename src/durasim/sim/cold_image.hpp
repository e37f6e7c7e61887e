#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <durasim/trace.hpp>

#include "durasim/core/process_source.hpp"

namespace durasim {

/// This process as it was before its first invocation, with what the test had set up by then.
class ColdImage {
 public:
  ColdImage(ProcessSource::Serve serve, std::uint32_t patience, std::uint32_t executions,
            std::uint32_t publications)
      : source_(std::move(serve), patience), executions_(executions), publications_(publications) {}

  /// Whether a replay of an execution there is comparable: the test has started it, or the one at the root
  /// of its invokes, before the image was taken, and has published nothing since. What is set up later
  /// is missing there.
  bool has(std::uint32_t root, std::uint32_t publications) const {
    return root <= executions_ && publications == publications_ && source_.is_own();
  }
  /// Counts a replay that could be made, and says whether it is: of long runs not all are.
  bool takes_next() {
    ++replays_;
    return replays_ <= kAll || (replays_ & (replays_ - 1)) == 0;
  }
  std::optional<ProcessSource::Answer> ask(std::string_view request) const {
    return source_.ask(request);
  }

 private:
  static constexpr std::uint64_t kAll = 32;

  ProcessSource source_;
  std::uint32_t executions_;
  std::uint32_t publications_;
  std::uint64_t replays_ = 0;
};

/// What a cold process is asked for: a replay of this record.
struct ColdRequest {
  std::uint32_t execution = 0;
  std::string function;
  durable::InvocationEvent event;

  std::string pack() const;
  static ColdRequest unpack(std::string_view bytes);
};

/// Of a shadow replay: what was called, what was handed out, and the end.
std::string pack_cold(const TraceEvent& event);

/// Calls `on` with each event that was packed, as far as they go, and fills in what else they say of the
/// replay that began with `started`. True if the last one is its end.
bool unpack_cold(std::string_view bytes, const TraceEvent& started,
                 const std::function<void(TraceEvent&)>& on);

}  // namespace durasim
