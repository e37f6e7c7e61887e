#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <durasim/explore.hpp>

/// Schedules that are kept, and replayed before anything else is run.
namespace durasim {

/// $DURASIM_CORPUS, or durasim-corpus beside the source file of the running test; in the working
/// directory where that is not known.
/// Errors:  EnvironmentError if $DURASIM_CORPUS is no folder.
std::filesystem::path corpus_folder();

/// Replays the schedules of the subfolder that has the scenario's name, in order of their names. The
/// first one that breaks a rule is told, as verify would; nothing if none does. What no longer fits
/// the scenario is warned of on stderr.
std::optional<Verification> replay_corpus(const Scenario& scenario,
                                          const SimulationOptions& options,
                                          const std::string& identity);

/// Replays one schedule, as those of the corpus are: what was broken, or nothing.
/// Errors:  ScheduleError.
std::optional<Verification> replay_stored(const Scenario& scenario,
                                          const SimulationOptions& options,
                                          const std::string& identity,
                                          const std::filesystem::path& path);

/// The same, for the first such call in one run of a test only: properties check again and again.
std::optional<Verification> replay_corpus_once(const Scenario& scenario,
                                               const SimulationOptions& options,
                                               const std::string& identity);

}  // namespace durasim
