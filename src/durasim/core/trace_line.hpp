#pragma once

#include <string>

#include <durasim/trace.hpp>

namespace durasim {

/// Appends the canonical line of an event, with its newline.
void append_trace_line(std::string& out, const TraceEvent& event);

}  // namespace durasim
