#pragma once

#include <string>

#include <nlohmann/json.hpp>

/// The values of expectations and histories. Requirement files are defined by a runner in Python, so
/// they are compared and written as Python does.
namespace conformance {

using Json = nlohmann::json;

/// `a == b` of Python: 1 == 1.0 == True, whatever the order of keys.
bool python_equal(const Json& a, const Json& b);

/// `str(value)` of Python: a string as it is, None, True, {'a': 1}.
std::string python_str(const Json& value);

/// `json.dumps(value)` of Python: {"a": 1, "b": null}, in ASCII.
std::string python_json(const Json& value);

/// `text.strip()` of Python, of ASCII white space.
std::string python_strip(std::string_view text);

}  // namespace conformance
