#include "durable/fiber/fiber.hpp"

#include <cxxabi.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <typeinfo>
#include <utility>

#include "durable/fiber/overflow.hpp"
#include "durable/fiber/stack_pool.hpp"

namespace durable::fiber {

namespace {

thread_local Fiber* current_fiber = nullptr;
std::terminate_handler previous_terminate = nullptr;

/// Boost hands the stack back through this when a fiber's function has returned.
struct PooledStack {
  boost::context::stack_context stack;
  boost::context::stack_context allocate() { return stack; }
  void deallocate(boost::context::stack_context& done) noexcept { release_stack(done); }
};

}  // namespace

/// Frames below a noexcept one cannot be unwound, and this may not return: so the fiber is left as
/// it is.
void on_terminate() {
  if (Fiber* fiber = current_fiber) {
    const std::type_info* thrown = abi::__cxa_current_exception_type();
    fiber->listener_.terminated(*fiber, thrown != nullptr && *thrown == typeid(Unwind));
    fiber->abandon();
  }
  if (previous_terminate != nullptr) previous_terminate();
  std::abort();
}

Fiber* Fiber::current() { return current_fiber; }

Fiber::Fiber(std::function<void()> entry, Listener& listener)
    : entry_(std::move(entry)), listener_(listener) {
  static const bool installed = [] {
    previous_terminate = std::set_terminate(on_terminate);
    return true;
  }();
  static_cast<void>(installed);
  install_overflow_handler();
}

Fiber::~Fiber() {
  if (state_ == State::parked) unwind();
}

void Fiber::start() {
  stack_ = acquire_stack();
  begin_stack(sanitized_, stack_.sp, stack_.size);
  self_ = boost::context::fiber(std::allocator_arg, PooledStack{stack_},
                                [this](boost::context::fiber&& from) {
                                  run(std::move(from));
                                  return std::move(scheduler_);
                                });
}

void Fiber::run(boost::context::fiber&& scheduler) {
  after_switch(sanitized_, &scheduler_sanitized_);
  scheduler_ = std::move(scheduler);
  try {
    entry_();
  } catch (const Unwind&) {
    unwound_ = true;
  }
  if (unwinding_ && !unwound_) listener_.swallowed(*this, true);
  state_ = State::ended;
  before_switch(sanitized_, scheduler_sanitized_, true);
}

void Fiber::swap_thread_state() {
  auto* globals = reinterpret_cast<ExceptionState*>(abi::__cxa_get_globals());
  std::swap(*globals, exceptions_);
  std::swap(errno, errno_);
}

void Fiber::resume() {
  if (std::this_thread::get_id() != thread_) {
    std::fputs(
        "durable: a handler's stack was resumed by another thread than the one that made it\n",
        stderr);
    std::abort();
  }
  if (state_ == State::created) start();
  state_ = State::running;
  previous_ = std::exchange(current_fiber, this);
  set_overflow_stack(&stack_);
  swap_thread_state();
  scheduler_sanitized_.tsan = current_tsan_fiber();
  before_switch(scheduler_sanitized_, sanitized_, false);
  self_ = std::move(self_).resume();
  after_switch(scheduler_sanitized_, nullptr);
  swap_thread_state();
  current_fiber = previous_;
  set_overflow_stack(previous_ != nullptr ? &previous_->stack_ : nullptr);
  if (state_ == State::running) state_ = State::parked;
  if (state_ == State::ended) end_stack(sanitized_);
  if (state_ == State::abandoned) keep_stack();
}

void Fiber::keep_stack() {
  keep_abandoned(sanitized_, exceptions_.caught);
  // Destroying an unfinished boost fiber would unwind it: it is leaked, with its stack.
  alignas(boost::context::fiber) std::byte leaked[sizeof self_];
  new (leaked) boost::context::fiber(std::move(self_));
}

void Fiber::switch_to_scheduler() {
  before_switch(sanitized_, scheduler_sanitized_, false);
  scheduler_ = std::move(scheduler_).resume();
  after_switch(sanitized_, &scheduler_sanitized_);
}

void Fiber::throw_unwind() {
  const MayLeak guard;
  throw Unwind{};
}

void Fiber::unwind() {
  if (ended()) return;
  unwinding_ = true;
  if (state_ == State::created) {
    state_ = State::ended;
    return;
  }
  resume();
}

void Fiber::leave() {
  if (state_ == State::created) state_ = State::ended;
  if (state_ != State::parked) return;
  state_ = State::abandoned;
  keep_stack();
}

void Fiber::refuse() {
  if (std::uncaught_exceptions() >
      0) {  // a destructor, run by the unwinding: it cannot be left by another
    listener_.terminated(*this, true);
    abandon();
  }
  if (refusals_++ == 0) listener_.swallowed(*this, false);
  if (refusals_ > 1) abandon();
  throw_unwind();
}

void Fiber::abandon() {
  state_ = State::abandoned;
  switch_to_scheduler();
  std::abort();  // nothing resumes an abandoned fiber
}

}  // namespace durable::fiber
