#pragma once

#include <string>

#include "tools/conformance/python.hpp"

namespace conformance {

/// The value of a scalar without quotes, by the rules of YAML 1.1 as PyYAML applies them: null,
/// booleans (also yes, no, on, off), integers (also 0b, 0x, 0 for octal, 1:30), floats; text otherwise.
Json plain_scalar(const std::string& text);

}  // namespace conformance
