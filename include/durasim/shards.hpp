#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <durasim/environment.hpp>
#include <durasim/explore.hpp>

/// An exploration that several processes or machines share, each with its own $DURASIM_SHARD.
namespace durasim {

/// Results of shards cannot be read, or do not belong together.
class ShardError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What one shard has found out: a *.durasim-shard.json file.
struct ShardResult {
  static constexpr int kVersion = 1;

  Shard shard;
  /// Of the shard's share; counterexample, findings and story are those of its first failure.
  Verification result;
  /// The durable states that it was the first to meet, as far as it knows; ascending.
  std::vector<std::uint64_t> states;
  /// Where the failure stands among all schedules, the number of its faults first. Of those with as
  /// many, shorter places come first, then as in a dictionary.
  std::vector<std::uint64_t> place;

  std::string to_json() const;
  /// Errors:  ShardError saying what is wrong.
  static ShardResult from_json(const std::string& text, const std::string& origin);
  static ShardResult load(const std::filesystem::path& file);
  /// Into the output folder, under a name made of scenario and shard. Returns the file.
  std::filesystem::path save() const;
};

/// The result of one scenario's shards: what one process would have come to, had it run all of the
/// schedules. Of a refuted one the failure is the same, but the counts are those of all shards, as
/// each goes on to a failure of its own.
/// Errors:  ShardError if one is missing or there twice, or if they are not of one exploration.
Verification merge_shards(std::span<const ShardResult> shards);

/// The same for files of any number of scenarios: one result each, in the order of their names.
std::vector<Verification> merge_shard_files(std::span<const std::filesystem::path> files);

}  // namespace durasim
