#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <stdexcept>
#include <string_view>

/// The environment variables that durasim reads: one table of all of them.
namespace durasim {

/// One part of a campaign that several processes or machines share.
struct Shard {
  std::uint32_t number = 1;  ///< from 1 to count
  std::uint32_t count = 1;

  /// Whether the item of this number, counted from 0, is for this shard.
  bool takes(std::uint64_t item) const { return item % count == number - 1; }
  friend bool operator==(const Shard&, const Shard&) = default;
};

/// What the environment asks for. What is not set, or set to nothing, is absent.
struct Settings {
  std::optional<std::uint64_t> seed;                  ///< DURASIM_SEED
  std::optional<std::uint64_t> runs;                  ///< DURASIM_RUNS
  std::optional<std::chrono::milliseconds> duration;  ///< DURASIM_SECONDS
  std::optional<std::uint32_t> max_faults;            ///< DURASIM_MAX_FAULTS
  std::optional<std::uint32_t> jobs;                  ///< DURASIM_JOBS
  std::filesystem::path out;                          ///< DURASIM_OUT, or durasim-out; absolute
  std::optional<std::filesystem::path> replay;        ///< DURASIM_REPLAY; absolute
  std::optional<std::filesystem::path> verdict;       ///< DURASIM_VERDICT; absolute
  std::optional<Shard> shard;                         ///< DURASIM_SHARD
  std::optional<std::filesystem::path> corpus;        ///< DURASIM_CORPUS; absolute
};

/// A variable has a value that is not accepted. The message names it, the value, and what is.
class EnvironmentError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A row of the table.
struct EnvironmentVariable {
  std::string_view name;
  std::string_view accepts;  ///< completes "accepted is"
  std::string_view meaning;
  std::string_view when_unset;
  std::string_view used_by;  ///< everything else reads it, to check it, and goes on without
  /// False if `value`, which is not empty, is not accepted.
  bool (*read)(std::string_view value, Settings& settings) = nullptr;
};

/// Every variable, in the order of docs/reference/environment.md.
std::span<const EnvironmentVariable> environment_variables();

/// Reads them all, as they are now. A variable wins over what a test says in its options: it is
/// set by whoever runs the program.
/// Errors:  EnvironmentError.
Settings settings_from_environment();
/// Reads this one only, so that another one's bad value is no hindrance.
/// Errors:  EnvironmentError; std::invalid_argument for a name that is not in the table.
Settings setting_from_environment(std::string_view name);

/// DURASIM_SEED's value: a number, or a commit id of which the first 16 digits count.
std::optional<std::uint64_t> seed_from_text(std::string_view text);

}  // namespace durasim
