#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tools/durasim/corpus.hpp"

/// Schedules as inputs of a fuzzer, and back.
/// Source: docs/how-to/fuzz-with-libfuzzer.md#schedules-and-inputs
namespace durasim::program {

/// Writes the answers of the schedules of `from` as inputs into the folder `into`: one file for each
/// answer sequence that is not there yet. Nothing is written if one cannot be read.
/// Errors:  UsageError.
Result schedules_to_bytes(const std::filesystem::path& into,
                          const std::vector<std::filesystem::path>& from,
                          const CorpusOptions& options);

struct FromBytesOptions {
  std::string scenario;  ///< that the schedules are for
  std::string faults;    ///< name of the model that the fuzz target offers, such as "standard"
  CorpusOptions corpus = {};
};

/// Writes the inputs of `from` as schedules into the subfolder of `into` that has the scenario's name,
/// where tests replay them first. Any bytes are an input. Nothing is written if one cannot be.
/// Errors:  UsageError.
Result bytes_to_schedules(const std::filesystem::path& into,
                          const std::vector<std::filesystem::path>& from,
                          const FromBytesOptions& options);

}  // namespace durasim::program
