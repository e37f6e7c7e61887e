#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include <durable/model.hpp>

/// What becomes of calls to the operating system while a simulation runs. The guard, which intercepts
/// them, asks here; where it is not linked nobody does.
/// Source: docs/reference/guard.md
namespace durasim {

class World;

namespace guarded {

enum class Kind : std::uint8_t {
  time,
  randomness,
  environment,
  sleep,
  thread,
  file,
  network,
  machine
};

/// Whose code makes a call.
enum class Caller : std::uint8_t {
  other,   ///< a test, the simulator, a handler that is being unwound
  body,    ///< a step's body, another function whose result is recorded, and what they call
  handler  ///< all other code of a handler
};

/// What the body that runs has asked for so far, or the handler outside of bodies.
struct Asked {
  std::uint64_t times = 0;
  std::uint64_t numbers = 0;
  std::chrono::nanoseconds passed{0};
  std::chrono::nanoseconds slept{0};
};

/// The one that is driven on this thread; nullptr: no handler runs.
extern constinit thread_local World* world;
/// How many scopes say that what runs is not the user's.
extern constinit thread_local std::uint32_t exempt;

/// For as long as it lives, handlers and bodies of `running` run.
class Running {
 public:
  explicit Running(World& running) : before_(std::exchange(world, &running)) {}
  ~Running() { world = before_; }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

 private:
  World* before_;
};

/// On a handler's stack, around code that is no handler's. Not to be held over a suspension.
class Exempt {
 public:
  Exempt() { ++exempt; }
  ~Exempt() { --exempt; }
  Exempt(const Exempt&) = delete;
  Exempt& operator=(const Exempt&) = delete;
};

/// There is a world. Bodies count as other where the test has chosen so.
Caller caller();
/// There is a world. The user's code that runs is on the stack of a handler.
bool is_handlers_stack();
/// The handler is replayed only to see whether it does the same again.
bool in_shadow();

/// A call, as a stack shows it.
struct Place {
  std::string callee;  ///< what the user's code has called: "std::chrono::system_clock::now()"
  std::string chain;   ///< "at shop.cpp:12 in stamp, called at shop.cpp:30 in ship"; may be empty
  std::string file = {};  ///< of the user's line, empty if unknown
  std::uint32_t line = 0;
};

/// Whether a call of handler code becomes a finding. Only then is it worth its place: to find that takes
/// milliseconds.
bool is_reported();
/// Handler code has made a call that it should not.
void report(Kind kind, const Place& place);

/// Code of a handler, or of a body, is about to wait for a mutex that a handler of this thread holds.
void report_deadlock(const Place& place);

/// Since 1970. Never twice the same in one body, so that a loop which waits for a time ends.
std::chrono::nanoseconds real_time(Caller caller);
/// Since some time before the simulation began.
std::chrono::nanoseconds steady_time(Caller caller);
/// Since the body began.
std::chrono::nanoseconds processor_time();
std::uint64_t random(Caller caller);
/// No real time passes. A body takes so much longer.
void sleep(std::chrono::nanoseconds duration);
/// Which machine the handler seems to run on.
std::uint32_t sandbox();

/// Set by the guard where it is linked and calls do come to it.
extern constinit bool active;
/// Likewise: has the process go to a machine that is set up differently, or come back.
using Travel = void(bool there);
extern constinit Travel* travel;

/// For as long as it lives, what runs does so there, if the guard is linked.
class Elsewhere {
 public:
  Elsewhere() {
    if (travel != nullptr) travel(true);
  }
  ~Elsewhere() {
    if (travel != nullptr) travel(false);
  }
  Elsewhere(const Elsewhere&) = delete;
  Elsewhere& operator=(const Elsewhere&) = delete;
};

}  // namespace guarded
}  // namespace durasim
