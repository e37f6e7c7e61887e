#include "durasim/explore/last_words.hpp"

#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <new>

#include "durable/fiber/overflow.hpp"
#include "durasim/explore/process_ring.hpp"
#include "durasim/explore/ring_schedule.hpp"

// AddressSanitizer and its like end the process in their own way, and tell whoever asks.
extern "C" __attribute__((weak)) void __sanitizer_set_death_callback(void (*callback)());

namespace durasim {
namespace {

constexpr Ending kOverflow = {
    "stack-overflow", "stack overflow in a handler or a step's body",
    "end the recursion; if it is meant to be that deep, raise durable::StackConfig::size with "
    "durable::configure_stacks"};
constexpr Ending kHang = {
    "hang", "the run does not come to an end: something in it spins",
    "look at what the handler repeats after the last choice; a run that is meant "
    "to take longer needs SimulationOptions::hang_after"};
constexpr Ending kExit = {"exit", "exit() was called", "return from the handler, or throw"};
constexpr Ending kOutOfMemory = {"out-of-memory", "memory is exhausted",
                                 "look at what grows without bound after the last choice"};
constexpr Ending kSanitizer = {"sanitizer", "a sanitizer ended the process; its report is above",
                               ""};

struct Signal {
  int number;
  Ending ending;
};
constexpr std::array kSignals = {
    Signal{SIGSEGV, {"SIGSEGV", "invalid memory access (segmentation fault)", ""}},
    Signal{SIGBUS, {"SIGBUS", "invalid memory access (bus error), or a full disk", ""}},
    Signal{SIGFPE, {"SIGFPE", "arithmetic error, such as a division by zero", ""}},
    Signal{SIGILL, {"SIGILL", "illegal instruction", ""}},
    Signal{SIGABRT, {"SIGABRT", "abort() was called, as by a failed assertion", ""}},
};
std::array<struct sigaction, kSignals.size()> previous{};

volatile std::sig_atomic_t reported = 0;
std::span<char> place_at_parent;

/// Stores the run that is under way, and tells of it; once. Async-signal-safe.
void report(const Ending& ending) {
  ProcessRing* const ring = ProcessRing::existing();
  if (ring == nullptr || !ring->running() || reported != 0) return;
  reported = 1;
  RingFile& file = ring->file();
  const std::size_t size = ending.id.copy(file.ended, sizeof file.ended - 1);
  file.ended[size] = '\0';
  if (has_reporting_parent()) {
    const std::size_t told = ending.id.copy(place_at_parent.data(), place_at_parent.size() - 1);
    place_at_parent[told] = '\0';
    return;
  }
  PlainText name;
  name_schedule(file, ending.id, name);
  PlainText path;
  path.text(ring->folder()).text("/").text(name.view());
  const bool stored = write_schedule(file, ending.id, path.c_str());
  {
    PlainWriter out(STDERR_FILENO);
    write_report(file, ending, stored ? name.view() : "", out);
  }
  if (stored) ::unlink(ring->path());  // nothing is left to be recovered
}

void on_signal(int number, siginfo_t* info, void* context) {
  std::size_t i = 0;
  while (kSignals[i].number != number) ++i;
  const int error = errno;
  const bool overflow =
      number == SIGSEGV && info != nullptr && durable::fiber::overflows_stack(info->si_addr);
  report(overflow ? kOverflow : kSignals[i].ending);
  errno = error;
  struct sigaction& before = previous[i];
  if ((before.sa_flags & SA_SIGINFO) != 0 && before.sa_sigaction != nullptr) {
    before.sa_sigaction(number, info, context);
    return;
  }
  if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) {
    before.sa_handler(number);
    return;
  }
  // What was sent is delivered when this returns; what went wrong goes wrong again.
  std::signal(number, SIG_DFL);
  std::raise(number);
}

/// Only when nothing is left at all: a single request that is too large is the handler's own affair.
void on_no_memory() {
  constexpr std::size_t kLittle = 4096;
  if (void* const little = std::malloc(kLittle)) {
    std::free(little);
    throw std::bad_alloc();
  }
  ProcessRing* const ring = ProcessRing::existing();
  if (ring == nullptr || !ring->running()) throw std::bad_alloc();
  report(kOutOfMemory);
  std::abort();
}

void (*after_sanitizer)() = nullptr;

void on_sanitizer() {
  report(kSanitizer);
  if (after_sanitizer != nullptr) after_sanitizer();
}

// The watchdog: a timer of processor time, so that neither a busy machine nor a debugger sets it off,
// and that does not disturb whoever sleeps.
constexpr int kTick = SIGVTALRM;
timer_t timer{};
bool has_timer = false;
pid_t timer_owner = 0;  // a forked process has no timer yet
volatile std::sig_atomic_t ticking = 0;
volatile std::uint32_t limit = 0;
volatile std::uint32_t ticks = 0;
volatile std::uint64_t last_beats = 0;

void tick_every_second(bool on) {
  itimerspec period{};
  period.it_interval.tv_sec = period.it_value.tv_sec = on ? 1 : 0;
  ::timer_settime(timer, 0, &period, nullptr);
  ticking = on ? 1 : 0;
}

void on_tick(int) {
  const int error = errno;
  ProcessRing* const ring = ProcessRing::existing();
  if (ring == nullptr || !ring->running()) {
    tick_every_second(false);
  } else if (const std::uint64_t beats = ring->file().beats.load(); beats != last_beats) {
    last_beats = beats;
    ticks = 0;
  } else {
    const std::uint32_t counted = ticks + 1;
    ticks = counted;
    if (limit != 0 && counted >= limit) {
      report(kHang);
      std::signal(SIGABRT, SIG_DFL);
      std::abort();
    }
  }
  errno = error;
}

bool make_timer() {
  if (has_timer && timer_owner == ::getpid()) return true;
  struct sigaction present{};
  if (::sigaction(kTick, nullptr, &present) != 0) return false;
  if (present.sa_handler != SIG_DFL && present.sa_handler != on_tick) return false;  // in use
  struct sigaction action{};
  action.sa_handler = on_tick;
  action.sa_flags = SA_RESTART | SA_ONSTACK;
  ::sigemptyset(&action.sa_mask);
  sigevent event{};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = kTick;
  has_timer = ::sigaction(kTick, &action, nullptr) == 0 &&
              ::timer_create(CLOCK_PROCESS_CPUTIME_ID, &event, &timer) == 0;
  timer_owner = ::getpid();
  ticking = 0;
  return has_timer;
}

/// A stack for the handlers of this thread, where nobody has provided one: that of the handler may be
/// used up.
void ensure_signal_stack() {
  stack_t present{};
  if (::sigaltstack(nullptr, &present) != 0 || (present.ss_flags & SS_DISABLE) == 0) return;
  constexpr std::size_t kBytes = 64 * 1024;
  static char memory[kBytes];
  stack_t stack{};
  stack.ss_sp = memory;
  stack.ss_size = kBytes;
  ::sigaltstack(&stack, nullptr);
}

}  // namespace

void listen_for_death() {
  reported = 0;
  make_timer();
  static const bool listening = [] {
    durable::fiber::install_overflow_handler();  // first, so that it is told after us
    durable::fiber::leave_overflow_message_to_caller();
    ensure_signal_stack();
    for (std::size_t i = 0; i < kSignals.size(); ++i) {
      struct sigaction action{};
      action.sa_sigaction = on_signal;
      action.sa_flags = SA_SIGINFO | SA_ONSTACK;
      ::sigemptyset(&action.sa_mask);
      ::sigaction(kSignals[i].number, &action, &previous[i]);
    }
    if (std::get_new_handler() == nullptr) std::set_new_handler(on_no_memory);
    if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(on_sanitizer);
    return true;
  }();
  static_cast<void>(listening);
}

void watch_for_hangs(std::uint32_t seconds) {
  limit = seconds;
  if (ticking == 0 && has_timer && seconds != 0) tick_every_second(true);
}

void call_after_sanitizer(void (*callback)()) { after_sanitizer = callback; }

void leave_words_to_parent(std::span<char> place) { place_at_parent = place; }
bool has_reporting_parent() { return !place_at_parent.empty(); }

Explanation explain_ending(std::string_view id) {
  for (const Ending& ending : {kOverflow, kHang, kOutOfMemory, kSanitizer}) {
    if (ending.id == id) return {ending.what, ending.remedy};
  }
  return {};
}

void report_exit() {
  std::fflush(nullptr);
  report(kExit);
  ::_exit(1);
}

}  // namespace durasim
