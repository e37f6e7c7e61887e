#include "durable/fiber/overflow.hpp"

#include <csignal>
#include <cstring>
#include <memory>
#include <unistd.h>

#include "durable/fiber/sanitizers.hpp"
#include "durable/fiber/stack_pool.hpp"

namespace durable::fiber {
namespace {

thread_local const boost::context::stack_context* running = nullptr;

#if !defined(DURABLE_ASAN) && !defined(DURABLE_TSAN)

struct sigaction previous_action;
volatile std::sig_atomic_t silent = 0;

void on_segv(int signal, siginfo_t* info, void* context) {
  if (silent == 0 && overflows_stack(info->si_addr)) {
    static constexpr char message[] =
        "durable: stack overflow in a handler or a step's body. If the recursion is meant to be "
        "that deep, "
        "raise durable::StackConfig::size with durable::configure_stacks.\n";
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, message, sizeof message - 1);
  }
  if ((previous_action.sa_flags & SA_SIGINFO) != 0 && previous_action.sa_sigaction != nullptr) {
    previous_action.sa_sigaction(signal, info, context);
    return;
  }
  ::sigaction(signal, &previous_action,
              nullptr);                     // the instruction faults again and ends as before
  if (info->si_code <= 0) ::raise(signal);  // unless somebody has sent it
}

/// A stack of its own for the signal handler of this thread.
class AlternateStack {
 public:
  AlternateStack() {
    stack_t present{};
    if (::sigaltstack(nullptr, &present) == 0 && (present.ss_flags & SS_DISABLE) == 0) return;
    memory_ = std::make_unique<char[]>(kBytes);
    stack_t stack{};
    stack.ss_sp = memory_.get();
    stack.ss_size = kBytes;
    ::sigaltstack(&stack, nullptr);
  }
  ~AlternateStack() {
    if (!memory_) return;
    stack_t none{};
    none.ss_flags = SS_DISABLE;
    ::sigaltstack(&none, nullptr);
  }
  AlternateStack(const AlternateStack&) = delete;
  AlternateStack& operator=(const AlternateStack&) = delete;

 private:
  static constexpr std::size_t kBytes = 64 * 1024;
  std::unique_ptr<char[]> memory_;
};

#endif

}  // namespace

void install_overflow_handler() {
#if !defined(DURABLE_ASAN) && !defined(DURABLE_TSAN)
  static thread_local const AlternateStack alternate;
  static const bool installed = [] {
    struct sigaction action{};
    action.sa_sigaction = on_segv;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    ::sigemptyset(&action.sa_mask);
    ::sigaction(SIGSEGV, &action, &previous_action);
    return true;
  }();
  static_cast<void>(installed);
#endif
}

bool overflows_stack(const void* address) {
  return running != nullptr && is_guard_of(address, *running);
}

void leave_overflow_message_to_caller() {
#if !defined(DURABLE_ASAN) && !defined(DURABLE_TSAN)
  silent = 1;
#endif
}

void set_overflow_stack(const boost::context::stack_context* stack) { running = stack; }

}  // namespace durable::fiber
