#pragma once

#include <boost/context/stack_context.hpp>

namespace durable::fiber {

/// Makes a stack overflow on a fiber name StackConfig::size before the process dies. Once per
/// thread; nothing under AddressSanitizer and ThreadSanitizer, which report overflows themselves.
void install_overflow_handler();

/// Whether `address`, at which a memory access failed, is just beyond the stack that this thread runs
/// on. Async-signal-safe.
bool overflows_stack(const void* address);

/// Whoever calls this says what an overflow is, and what to do about it.
void leave_overflow_message_to_caller();

/// The stack that this thread runs on; nullptr for its own.
void set_overflow_stack(const boost::context::stack_context* stack);

}  // namespace durable::fiber
