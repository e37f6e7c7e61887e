#pragma once

#include <durasim/schedule.hpp>

#include "tools/durasim/result.hpp"

namespace durasim::program {

struct ShowOptions {
  bool all = false;   ///< every message too, and what came after the finding
  bool json = false;  ///< the file itself, in the newest version of the format
};

/// Tells the run that is stored in `file`, one line an event, with a column for each invocation.
Result show(const ScheduleFile& file, const ShowOptions& options);

}  // namespace durasim::program
