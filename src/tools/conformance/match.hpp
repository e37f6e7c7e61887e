#pragma once

#include <string>
#include <vector>

#include "tools/conformance/placeholders.hpp"

namespace conformance {

/// Where an expectation is not met, each in one sentence.
using Mismatches = std::vector<std::string>;

/// Matches the expected events against the history, by their EventId. Expected values are
/// `{}` or `"*"`: anything, as long as the key is there; `"${NAME}"`: bound when first met, equal from
/// then on; `"${/pattern/}"`: searched for in the value's text; objects: key by key, further actual
/// keys do not count; arrays: element by element; all else: equal after replacing what is bound.
Mismatches match_events(const std::vector<Json>& expected, const Json& events, Bindings& bindings);

/// For messages: compact JSON, shortened.
std::string shown(const Json& value);

}  // namespace conformance
