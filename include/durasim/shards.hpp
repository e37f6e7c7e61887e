#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
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

/// What one shard of a `verify` or a `search` has found out: a *.durasim-shard.json file.
struct ShardResult {
  static constexpr int kVersion = 2;

  Shard shard;
  /// Of the shard's share; counterexample, findings and story are those of its first failure.
  Verification result;
  /// The durable states that it was the first to meet, as far as it knows; ascending.
  std::vector<std::uint64_t> states;
  /// Where the failure stands among all schedules, the number of its faults first. Of those with as
  /// many, shorter places come first, then as in a dictionary.
  std::vector<std::uint64_t> place;

  /// What a block of a search's runs came to.
  struct Block {
    std::uint64_t number = 0;
    std::uint64_t runs = 0;
    std::uint64_t executions = 0;
    std::string certificate;
  };
  struct OfSearch {
    std::uint64_t seed = 0;
    std::uint64_t wanted = 0;  ///< runs of the whole search
    bool keep_going = false;
    std::vector<Block> blocks;              ///< in order
    std::vector<std::uint64_t> met;         ///< by how many runs each of `states` was
    std::vector<Verification::Note> notes;  ///< of the first failure
  };
  std::optional<OfSearch> search = {};

  std::string to_json() const;
  /// Errors:  ShardError saying what is wrong.
  static ShardResult from_json(const std::string& text, const std::string& origin);
  static ShardResult load(const std::filesystem::path& file);
  /// Into the output folder, under a name made of scenario and shard. Returns the file.
  std::filesystem::path save() const;
};

/// The result of one scenario's shards: what one process would have come to, had it run all of the
/// schedules. Of a refuted `verify` the failure is the same, but the counts are those of all shards,
/// as each goes on to a failure of its own; of a refuted `search` this holds for durable states,
/// margins and coverage only.
/// Errors:  ShardError if one is missing or there twice, or if they are not of one exploration.
Verification merge_shards(std::span<const ShardResult> shards);

/// The same for files of any number of scenarios: one result each, in the order of their names.
std::vector<Verification> merge_shard_files(std::span<const std::filesystem::path> files);

}  // namespace durasim
