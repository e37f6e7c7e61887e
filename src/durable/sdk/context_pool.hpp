#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <mutex>
#include <source_location>
#include <string>
#include <vector>

#include <durable/executor.hpp>

namespace durable {

class Context;
class Engine;

/// A durable call that was not made by the code of the handler that its context belongs to.
struct StrayCall {
  Misuse::Kind kind = Misuse::Kind::foreign_context;
  OperationPath path;  ///< of the context
  std::string name;
  std::source_location where;
  std::string message;
};

/// Where the contexts of one thread's invocations are. User code may keep a pointer to one for longer
/// than its invocation lasts, so contexts are never freed: those that have ended say so, until the
/// 4,096 that ended after them have as well; only then is their memory used for others.
class ContextPool {
 public:
  /// Lives until the process ends; a later thread takes it over.
  static ContextPool& of_this_thread();

  ContextPool() = default;
  ContextPool(const ContextPool&) = delete;
  ContextPool& operator=(const ContextPool&) = delete;

  Context& open(Engine& engine, OperationPath path);
  /// Its invocation is over.
  void close(Context& context);

  /// Keeps what another thread has done until an engine of this one can report it.
  void add(StrayCall call);
  bool has_stray_calls() const { return has_stray_calls_.load(std::memory_order_relaxed); }
  std::vector<StrayCall> take_stray_calls();

 private:
  static constexpr std::size_t kEnded = 4096;

  std::deque<Context*> ended_;  // the oldest first
  std::mutex mutex_;            // of what follows
  std::vector<StrayCall> stray_calls_;
  std::atomic<bool> has_stray_calls_ = false;
};

}  // namespace durable
