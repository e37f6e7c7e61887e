#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

#include <durasim/chooser.hpp>
#include <durasim/faults.hpp>

/// The bytes of a write-ahead file, as the process that writes them and whoever reads them later
/// see them.
namespace durasim {

inline constexpr std::string_view kRingMagic = "durasim-ring 1\n";
inline constexpr std::string_view kRingExtension = ".durasim-ring";

/// A choice as it was answered.
struct RingAnswer {
  std::uint32_t execution;
  std::uint32_t path;  ///< a place in RingFile::paths; 0: the execution itself
  std::uint32_t occurrence;
  std::uint16_t bound;
  std::uint16_t answer;
  std::uint8_t kind;  ///< SiteKind
  std::uint8_t fault;
};

/// An answer that is intended for a choice that may not have been met yet.
struct RingIntent {
  std::uint32_t position;
  std::uint32_t answer;
};

enum class RingState : std::uint32_t { idle, running };

/// Mapped into memory, mostly never touched: a file takes the pages that were.
/// Shape:   no member is initialised, so that none is touched. What a number counts is written
///          before the number.
struct RingFile {
  static constexpr std::uint32_t kIntents = 1024;
  static constexpr std::uint32_t kPaths = 1U << 16U;
  static constexpr std::uint32_t kText = 1U << 20U;
  static constexpr std::uint32_t kAnswers = 1U << 18U;

  /// The one above in `paths`, and the number in it; 0: not known.
  struct Path {
    std::uint32_t parent;
    std::uint32_t number;
  };

  char magic[16];
  std::uint32_t size;         ///< of this type: other builds may have another
  std::uint32_t fault_count;  ///< likewise
  std::uint32_t process;
  std::atomic<RingState> state;
  std::atomic<std::uint64_t> beats;  ///< runs begun, of all kinds
  char ended[32];                    ///< how the process ended, if it could still say so

  // What is explored.
  std::uint64_t campaign;
  FaultModel faults;
  std::uint32_t scenario_size;  ///< at the beginning of `text`
  std::uint32_t inputs_size;    ///< after that
  bool inputs_are_json;
  bool inputs_left_out;  ///< for want of space
  char stem[256];        ///< of file names
  char command_begin[4096];
  char command_end[4096];

  // The run.
  bool seeded;
  std::uint64_t seed;
  std::uint64_t run;
  std::uint32_t intents_size;
  std::atomic<std::uint32_t> answers_size;
  RingIntent intents[kIntents];

  Path paths[kPaths];
  char text[kText];
  RingAnswer answers[kAnswers];

  std::string_view scenario() const { return {text, scenario_size}; }
  std::string_view inputs() const { return {text + scenario_size, inputs_size}; }
};

}  // namespace durasim
