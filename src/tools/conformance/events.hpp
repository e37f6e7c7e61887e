#pragma once

#include <durasim/durasim.hpp>

#include "tools/conformance/python.hpp"

namespace conformance {

/// The events of an execution's history, as requirements are written for them: inside a wait for a
/// callback, the start of the callback and the starts and successes of steps that have no name have that
/// of the operation.
Json events_of(const durasim::Execution& execution);

}  // namespace conformance
