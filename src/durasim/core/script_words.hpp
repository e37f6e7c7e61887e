#pragma once

#include <string_view>

#include <durasim/chooser.hpp>

/// How the lines of a script speak of places.
namespace durasim {

/// It happens to an invocation, not to an operation.
bool is_of_invocation(Fault fault);

/// What the occurrence counts: "attempt". Empty where there is nothing to count beside invocations.
std::string_view counted_by(SiteKind kind);
std::string_view counted_by(Fault fault);

}  // namespace durasim
