#include "durable/sdk/context_pool.hpp"

#include <memory>
#include <new>
#include <utility>

#include <durable/context.hpp>

namespace durable {
namespace {

/// The pools that no thread has at present. Never destroyed, because handlers may outlive it.
struct FreePools {
  std::mutex mutex;
  std::vector<ContextPool*> pools;

  static FreePools& instance() {
    static auto* const free = new FreePools();
    return *free;
  }
};

class Lease {
 public:
  Lease() {
    FreePools& free = FreePools::instance();
    const std::lock_guard lock(free.mutex);
    if (free.pools.empty()) free.pools.push_back(new ContextPool());
    pool_ = free.pools.back();
    free.pools.pop_back();
  }
  ~Lease() {
    FreePools& free = FreePools::instance();
    const std::lock_guard lock(free.mutex);
    free.pools.push_back(pool_);
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  ContextPool& pool() const { return *pool_; }

 private:
  ContextPool* pool_ = nullptr;
};

}  // namespace

ContextPool& ContextPool::of_this_thread() {
  thread_local const Lease lease;
  return lease.pool();
}

Context& ContextPool::open(Engine& engine, OperationPath path) {
  if (ended_.size() < kEnded) return *new Context(*this, engine, path);
  Context* const oldest = ended_.front();
  ended_.pop_front();
  std::destroy_at(oldest);
  return *::new (static_cast<void*>(oldest)) Context(*this, engine, path);
}

void ContextPool::close(Context& context) {
  context.engine_ = nullptr;
  context.serdes_ = nullptr;
  ended_.push_back(&context);
}

void ContextPool::add(StrayCall call) {
  const std::lock_guard lock(mutex_);
  stray_calls_.push_back(std::move(call));
  has_stray_calls_.store(true, std::memory_order_relaxed);
}

std::vector<StrayCall> ContextPool::take_stray_calls() {
  const std::lock_guard lock(mutex_);
  has_stray_calls_.store(false, std::memory_order_relaxed);
  return std::exchange(stray_calls_, {});
}

}  // namespace durable
