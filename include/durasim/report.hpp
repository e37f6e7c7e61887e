#pragma once

#include <filesystem>
#include <string>

/// Where and how failures are told.
namespace durasim {

/// Where schedules are written: $DURASIM_OUT, or durasim-out in the working directory; absolute.
std::filesystem::path output_folder();

/// `text` with each character that a shell would take amiss quoted.
std::string shell_quoted(const std::string& text);

}  // namespace durasim
