#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace durasim {

/// The lines of a report's history: what led to a failure fits on a screen with everything else.
inline constexpr std::size_t kReportedLines = 12;

/// At most `limit` lines of a narrative, unless more than that are marked: the first, the last, the marked
/// ones, and what leads to these rather than what follows. A line says how many were left out there.
std::string abridged(std::string_view narrative, std::size_t limit = kReportedLines);

}  // namespace durasim
