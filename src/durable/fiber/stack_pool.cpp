#include "durable/fiber/stack_pool.hpp"

#include <sys/mman.h>

#include <atomic>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include <durable/config.hpp>
#include <durable/errors.hpp>

#include "durable/fiber/sanitizers.hpp"

namespace durable {
namespace {

std::atomic<std::size_t> stack_size{StackConfig{}.size};
std::atomic<std::size_t> max_live{StackConfig{}.max_live};

}  // namespace

void configure_stacks(const StackConfig& config) {
  if (config.size < 64 * 1024) {
    throw ValidationError("StackConfig::size is " + std::to_string(config.size) +
                          " bytes; a handler needs at least 65536");
  }
  if (config.max_live == 0)
    throw ValidationError("StackConfig::max_live is 0; a handler needs a stack");
  constexpr std::size_t page = 4096;
  stack_size = (config.size + page - 1) / page * page;
  max_live = config.max_live;
}

namespace fiber {
namespace {

struct Pool {
  std::vector<boost::context::stack_context> free;
  std::size_t live = 0;
  std::size_t mapped = 0;

  ~Pool() {
    for (auto& stack : free) unmap(stack);
  }

  static void unmap(const boost::context::stack_context& stack) {
    ::munmap(static_cast<char*>(stack.sp) - stack.size - kGuardBytes, stack.size + kGuardBytes);
  }
};

thread_local Pool pool;

/// Whether the page at the depth of kKeptBytes was ever written to, which leaves a return address
/// there unless a single frame covers it.
DURABLE_NO_SANITIZE bool went_deep(const boost::context::stack_context& stack) {
  if (stack.size <= kKeptBytes + 4096) return false;
  // Many words at once: each run of a handler ends with this.
  using Words [[gnu::vector_size(16), gnu::may_alias]] = std::uint64_t;
  const auto* page =
      reinterpret_cast<const Words*>(static_cast<const char*>(stack.sp) - kKeptBytes - 4096);
  read_left_stack(page, 4096);
  Words any{};
  for (std::size_t i = 0; i < 4096 / sizeof any; i += 4) {
    any |= page[i] | page[i + 1] | page[i + 2] | page[i + 3];
  }
  return (any[0] | any[1]) != 0;
}

}  // namespace

boost::context::stack_context acquire_stack() {
  if (pool.live >= max_live.load(std::memory_order_relaxed)) {
    throw std::runtime_error(
        "durable: " + std::to_string(pool.live) +
        " handler stacks are in use at once, the limit of StackConfig::max_live; "
        "raise it together with the kernel's vm.max_map_count");
  }
  const std::size_t size = stack_size.load(std::memory_order_relaxed);
  while (!pool.free.empty()) {
    auto stack = pool.free.back();
    pool.free.pop_back();
    if (stack.size == size) {
      ++pool.live;
      return stack;
    }
    Pool::unmap(stack);
    --pool.mapped;
  }
  void* base = ::mmap(nullptr, size + kGuardBytes, PROT_NONE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED ||
      ::mprotect(static_cast<char*>(base) + kGuardBytes, size, PROT_READ | PROT_WRITE) != 0) {
    if (base != MAP_FAILED) ::munmap(base, size + kGuardBytes);
    throw std::runtime_error("durable: no address space for another handler stack after " +
                             std::to_string(pool.live) +
                             "; lower StackConfig::size or raise the kernel's vm.max_map_count");
  }
  ++pool.live;
  ++pool.mapped;
  boost::context::stack_context stack;
  stack.size = size;
  stack.sp = static_cast<char*>(base) + kGuardBytes + size;
  return stack;
}

void release_stack(boost::context::stack_context& stack) noexcept {
  --pool.live;
  if (went_deep(stack)) {
    ::madvise(static_cast<char*>(stack.sp) - stack.size, stack.size - kKeptBytes, MADV_DONTNEED);
  }
  pool.free.push_back(stack);
}

std::size_t live_stacks() { return pool.live; }
std::size_t mapped_stacks() { return pool.mapped; }

bool is_guard_of(const void* address, const boost::context::stack_context& stack) {
  const auto* bottom = static_cast<const char*>(stack.sp) - stack.size;
  const auto* at = static_cast<const char*>(address);
  return at < bottom && at >= bottom - kGuardBytes;
}

}  // namespace fiber
}  // namespace durable
