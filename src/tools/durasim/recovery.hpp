#pragma once

#include <filesystem>

#include "tools/durasim/result.hpp"

namespace durasim::program {

/// Stores what dead processes were running in `folder`: a finding if one of them could say that it did
/// not survive; incomplete if they were killed, since then the run need not be to blame.
/// Errors:  UsageError.
Result recover_folder(const std::filesystem::path& folder, bool json);

}  // namespace durasim::program
