#pragma once

#include <cstdint>
#include <functional>
#include <source_location>
#include <thread>

#include <boost/context/fiber.hpp>

#include "durable/fiber/sanitizers.hpp"

/// Stacks on which handlers run, so that a durable call can suspend wherever it stands.
/// Source: docs/adr/0001-fibers.md
namespace durable::fiber {

/// Unwinds a fiber. Not a std::exception, and named by no user code.
struct Unwind {};

class Fiber;

/// Told what a fiber's code does against the rules.
class Listener {
 public:
  virtual ~Listener() = default;
  /// A catch (...) kept an unwinding from leaving: found at the next suspension point, or at the
  /// end.
  virtual void swallowed(Fiber& fiber, bool at_end) = 0;
  /// The fiber will never run again: std::terminate was called on its stack, or came to be the only
  /// way on. `by_unwinding`: its unwinding met a noexcept function, or a destructor that suspends.
  virtual void terminated(Fiber& fiber, bool by_unwinding) = 0;
};

/// One stack of execution with its own exception state and errno. Run by the thread that made it.
class Fiber {
 public:
  /// `entry` may let Unwind escape and nothing else; or it says that it has caught one.
  Fiber(std::function<void()> entry, Listener& listener);
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// From the scheduler: runs until the fiber parks or ends.
  void resume();

  /// From the scheduler: ends a parked fiber by unwinding its frames; one that never ran is
  /// dropped.
  void unwind();

  /// From the scheduler: abandons a parked fiber, when what its frames refer to is gone.
  void leave();

  /// From the fiber: back to the scheduler, until resumed.
  /// Errors:  throws Unwind when the fiber is to end. Called again after that was swallowed, it
  /// throws
  ///          once more, and the time after that it does not return: the fiber is abandoned.
  void park() {
    check_alive();
    switch_to_scheduler();
    if (unwinding_) throw_unwind();
  }

  /// From the fiber: its entry has caught Unwind itself and is about to return. Cheaper than to throw
  /// it once more.
  void caught_unwind() { unwound_ = true; }

  /// From the fiber, at the start of each durable call: the same rule for a fiber that is to end.
  void check_alive() {
    if (unwinding_) refuse();
  }

  bool ended() const { return state_ == State::ended || state_ == State::abandoned; }
  bool abandoned() const { return state_ == State::abandoned; }
  bool unwinding() const { return unwinding_; }
  Listener& listener() const { return listener_; }

  /// The fiber that runs on this thread, or nullptr.
  static Fiber* current();

 private:
  enum class State : std::uint8_t { created, running, parked, ended, abandoned };
  /// What __cxa_get_globals points at (Itanium C++ ABI, exception handling, 2.2.2).
  struct ExceptionState {
    void* caught = nullptr;
    unsigned uncaught = 0;
  };
  friend void on_terminate();

  void run(boost::context::fiber&& scheduler);
  void start();
  void switch_to_scheduler();
  /// The one way to begin an unwinding.
  [[noreturn]] static void throw_unwind();
  [[noreturn]] void refuse();
  [[noreturn]] void abandon();
  void keep_stack();
  void swap_thread_state();

  std::function<void()> entry_;
  Listener& listener_;
  boost::context::fiber self_;
  boost::context::fiber scheduler_;
  boost::context::stack_context stack_;
  SanitizedStack sanitized_;
  SanitizedStack scheduler_sanitized_;
  ExceptionState exceptions_;
  int errno_ = 0;
  std::thread::id thread_ = std::this_thread::get_id();
  State state_ = State::created;
  bool unwinding_ = false;
  bool unwound_ = false;  // as it should
  std::uint8_t refusals_ = 0;
  Fiber* previous_ = nullptr;
};

}  // namespace durable::fiber
