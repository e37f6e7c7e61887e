#pragma once

#include <cstddef>

#include <boost/context/stack_context.hpp>

/// Stacks for fibers, pooled per thread. Each is mapped lazily over a guard that a runaway frame
/// cannot jump.
namespace durable::fiber {

inline constexpr std::size_t kGuardBytes = 1024 * 1024;
/// A stack that went deeper than this gives its memory back when it is returned.
inline constexpr std::size_t kKeptBytes = 64 * 1024;

/// Errors:  std::runtime_error naming StackConfig::max_live or vm.max_map_count when there are too
/// many.
boost::context::stack_context acquire_stack();

/// Only for stacks on which nothing is left to run.
void release_stack(boost::context::stack_context& stack) noexcept;

/// Stacks of this thread that are in use or were abandoned.
std::size_t live_stacks();
/// Stacks that this thread has mapped, in use or pooled.
std::size_t mapped_stacks();

/// True for addresses in the guard under a stack of this thread that is in use or pooled.
bool is_guard_of(const void* address, const boost::context::stack_context& stack);

}  // namespace durable::fiber
