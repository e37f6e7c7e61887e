#pragma once

#include <stdexcept>
#include <string>

namespace conformance {

/// A pattern that is wrong, or that this program cannot search for.
class PatternError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// `re.search(pattern, text) is not None` of Python: anchors are those of the whole text, `$` matches
/// before a last newline too, and `.` matches everything but a newline.
/// Shape:   flags only at the start, `(?i)` and `(?s)`; no look-behind, no named back-reference.
/// Errors:  PatternError for other patterns, and for texts of more than 4,000 bytes.
bool python_search(const std::string& pattern, const std::string& text);

}  // namespace conformance
