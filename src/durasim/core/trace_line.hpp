#pragma once

#include <string>

#include <durasim/trace.hpp>

namespace durasim {

/// Appends the canonical line of an event, with its newline. `invocation` is the number it is given.
void append_trace_line(std::string& out, const TraceEvent& event, std::uint32_t invocation);

}  // namespace durasim
