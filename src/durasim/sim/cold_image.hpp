#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <durasim/trace.hpp>

#include "durasim/core/process_source.hpp"
#include "durasim/core/threads.hpp"

namespace durasim {

/// While it lives, what the cold replays of this thread cannot say is said to it.
class ColdDoubts {
 public:
  ColdDoubts();
  ~ColdDoubts();
  ColdDoubts(const ColdDoubts&) = delete;
  ColdDoubts& operator=(const ColdDoubts&) = delete;

  /// Why replays were not made, or say nothing of the handler: the first reason. Empty: there is none.
  const std::string& text() const { return text_; }
  static void add(const std::string& reason);

 private:
  ColdDoubts* outer_;
  std::string text_;
};

/// This process as it was before its first invocation, with what the test had set up by then.
class ColdImage {
 public:
  ColdImage(ProcessSource::Serve serve, std::uint32_t patience, std::uint32_t executions,
            std::uint32_t publications)
      : among_threads_(is_among_threads()),
        source_(std::move(serve), patience),
        executions_(executions),
        publications_(publications) {}

  /// Whether a replay of an execution there is comparable: the test has started it, or the one at the root
  /// of its invokes, before the image was taken, and has published nothing since. What is set up later
  /// is missing there.
  bool has(std::uint32_t root, std::uint32_t publications) const {
    return !stopped_ && root <= executions_ && publications == publications_ && source_.is_own();
  }
  /// Counts a replay that could be made, and says whether it is: of long runs not all are.
  bool takes_next() {
    ++replays_;
    return replays_ <= kAll || (replays_ & (replays_ - 1)) == 0;
  }
  std::optional<ProcessSource::Answer> ask(std::string_view request) const {
    return source_.ask(request);
  }
  /// When it was taken, another thread may have held a lock: nobody gives it back there.
  bool among_threads() const { return among_threads_; }
  /// No more replays: each could take as long as one that did not come to an end.
  void stop() { stopped_ = true; }

 private:
  static constexpr std::uint64_t kAll = 32;

  bool among_threads_;
  bool stopped_ = false;
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
