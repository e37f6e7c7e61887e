#pragma once

#include <boost/context/stack_context.hpp>

namespace durable::fiber {

/// Makes a stack overflow on a fiber name StackConfig::size before the process dies. Once per
/// thread; nothing under AddressSanitizer and ThreadSanitizer, which report overflows themselves.
void install_overflow_handler();

/// The stack that this thread runs on; nullptr for its own.
void set_overflow_stack(const boost::context::stack_context* stack);

}  // namespace durable::fiber
