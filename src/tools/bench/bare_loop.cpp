#include "bare_loop.hpp"

#include <cxxabi.h>
#include <sys/mman.h>

#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/context/fiber.hpp>
#include <nlohmann/json.hpp>

namespace bare_loop {
namespace {

using nlohmann::json;

struct StackPool {
  static constexpr std::size_t kSize = 64 * 1024;
  static inline std::vector<void*> free_stacks;

  boost::context::stack_context allocate() {
    void* base = nullptr;
    if (free_stacks.empty()) {
      base = mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK,
                  -1, 0);
      mprotect(base, 4096, PROT_NONE);
    } else {
      base = free_stacks.back();
      free_stacks.pop_back();
    }
    boost::context::stack_context stack;
    stack.size = kSize;
    stack.sp = static_cast<char*>(base) + kSize;
    return stack;
  }
  void deallocate(boost::context::stack_context& stack) noexcept {
    free_stacks.push_back(static_cast<char*>(stack.sp) - kSize);
  }
};

/// What __cxa_get_globals points at.
struct ExceptionState {
  void* caught = nullptr;
  unsigned uncaught = 0;
};
/// Deliberately not a std::exception.
struct Suspended {};

struct Fiber {
  boost::context::fiber scheduler;
  boost::context::fiber self;
  ExceptionState exceptions;
  bool done = false;
  bool kill = false;
  std::exception_ptr error;
  std::function<void()> body;

  void swap_exceptions() {
    std::swap(*reinterpret_cast<ExceptionState*>(abi::__cxa_get_globals()), exceptions);
  }
  void resume() {
    swap_exceptions();
    self = std::move(self).resume();
    swap_exceptions();
  }
  void start() {
    self = boost::context::fiber(std::allocator_arg, StackPool{},
                                 [this](boost::context::fiber&& from) {
                                   scheduler = std::move(from);
                                   try {
                                     body();
                                   } catch (const Suspended&) {
                                   } catch (...) {
                                     error = std::current_exception();
                                   }
                                   done = true;
                                   return std::move(scheduler);
                                 });
  }
  void yield() {
    scheduler = std::move(scheduler).resume();
    if (kill) throw Suspended{};
  }
};

struct Operation {
  int status;
  std::string name;
  std::string payload;
  long end;
};

struct World {
  std::vector<Operation> record;
  long now = 0;
  long bodies = 0;
  int crash_at = -1;
  int point = 0;

  bool crash_here() { return point++ == crash_at; }
};

struct Context {
  World& world;
  Fiber& fiber;
  std::size_t next = 0;
  bool crashed = false;

  void die() {
    crashed = true;
    fiber.yield();
  }

  template <class Body>
  auto step(std::string_view name, Body&& body) {
    using Result = std::invoke_result_t<Body&>;
    auto& record = world.record;
    const std::size_t id = next++;
    if (id < record.size() && record[id].status == 1) {
      if (record[id].name != name) throw std::logic_error("nondeterminism");
      return json::parse(record[id].payload).template get<Result>();
    }
    if (id >= record.size()) {
      record.push_back({0, std::string(name), "", 0});
      if (world.crash_here()) die();
    }
    world.bodies++;
    const Result value = body();
    if (world.crash_here()) die();
    record[id].payload = json(value).dump();
    record[id].status = 1;
    if (world.crash_here()) die();
    return json::parse(record[id].payload).template get<Result>();
  }

  void wait(long seconds) {
    auto& record = world.record;
    const std::size_t id = next++;
    if (id >= record.size()) {
      record.push_back({0, "wait", "", world.now + seconds});
      if (world.crash_here()) die();
    }
    while (record[id].end > world.now) fiber.yield();
  }
};

template <class Handler>
std::string run(World& world, Handler&& handler) {
  for (;;) {
    Fiber fiber;
    Context ctx{world, fiber};
    std::string result;
    fiber.body = [&] { result = json(handler(ctx)).dump(); };
    fiber.start();
    fiber.resume();
    if (fiber.done) {
      if (fiber.error) std::rethrow_exception(fiber.error);
      return result;
    }
    const bool crashed = ctx.crashed;
    fiber.kill = true;
    fiber.resume();
    if (crashed) {
      world.crash_at = -1;
      continue;
    }
    long earliest = -1;
    for (const Operation& operation : world.record) {
      if (operation.end > world.now && (earliest < 0 || operation.end < earliest))
        earliest = operation.end;
    }
    world.now = earliest;
  }
}

std::string pay(Context& ctx) {
  const std::string tag(40, 'x');
  const auto confirmation =
      ctx.step("process-payment", [tag] { return "conf-1" + tag.substr(0, 1); });
  ctx.wait(60);
  return ctx.step("send-receipt", [confirmation, tag] { return confirmation + "!"; });
}

}  // namespace

std::string payment() {
  World world;
  return run(world, pay);
}

std::string payment_crashed_once() {
  World world;
  world.crash_at = 1;
  return run(world, pay);
}

int steps(int count) {
  World world;
  const auto handler = [count](Context& ctx) {
    int sum = 0;
    for (int i = 0; i < count; i++) sum += ctx.step("s", [i] { return i; });
    return sum;
  };
  return std::stoi(run(world, handler));
}

int daily_waits(int count) {
  World world;
  const auto handler = [count](Context& ctx) {
    int sum = 0;
    for (int i = 0; i < count; i++) {
      sum += ctx.step("s", [i] { return i; });
      ctx.wait(86'400);
    }
    return sum;
  };
  return std::stoi(run(world, handler));
}

}  // namespace bare_loop
