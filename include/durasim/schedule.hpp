#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <durasim/chooser.hpp>
#include <durasim/script.hpp>

namespace durasim {

/// Answers to choices, by the position of the choice in the run; all others are benign.
/// The sparse form: what RapidCheck generates and explorations enumerate.
struct Schedule {
  struct Choice {
    std::uint32_t position = 0;     ///< in the run, counted from 0
    std::uint32_t alternative = 0;  ///< taken modulo the number of alternatives there are
    friend bool operator==(const Choice&, const Choice&) = default;
  };
  std::vector<Choice> choices;  ///< in order of position

  friend bool operator==(const Schedule&, const Schedule&) = default;
};

/// A schedule file could not be read, or is of another version or another scenario.
class ScheduleError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A replayed run met another choice than the recorded one.
class DivergedError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Everything needed to repeat one run exactly: a *.durasim.json file.
/// Source: docs/reference/schedule-file.md
struct ScheduleFile {
  static constexpr int kVersion = 3;        ///< written
  static constexpr int kOldestVersion = 1;  ///< read
  /// `ended` of a file that was made of a fuzzer's bytes: there has been no run of it.
  static constexpr std::string_view kNotRun = "not-run";

  /// A choice with the site it belongs to, as text.
  struct Choice {
    std::string site;  ///< identifier, such as "execution 1, after_body 2, occurrence 1"
    std::uint32_t bound = 1;
    std::uint32_t answer = 0;
    std::string fault;  ///< identifier of the alternative taken
    friend bool operator==(const Choice&, const Choice&) = default;
  };

  /// Something that happened in the run, in words.
  struct Event {
    std::uint64_t at = 0;          ///< milliseconds of virtual time since the first one
    std::uint32_t execution = 0;   ///< counted from 1; 0: none
    std::uint32_t invocation = 0;  ///< of that execution, counted from 1; 0: none
    std::string mark;     ///< "fault", "order", "outside" or "finding"; empty for anything else
    bool detail = false;  ///< a message, or after the finding: left out of reports
    std::string what;
    friend bool operator==(const Event&, const Event&) = default;
  };

  std::string scenario;
  std::string inputs;  ///< JSON text of the scenario's inputs; empty if it declares none
  std::vector<std::string> faults_offered;
  std::string oracle;      ///< the one that was violated; empty for a run that was not
  std::string operation;   ///< name or path of the operation concerned
  std::string signature;   ///< 8 hexadecimal characters: same oracle, same place
  std::string trace_hash;  ///< 16 hexadecimal characters
  bool minimal = false;    ///< a search found no schedule with fewer faults that fails like this
  /// How the process ended in this run, such as "SIGSEGV"; empty if it did not; kNotRun if there has
  /// been no run of it. The choices are those
  /// up to there; what comes after them is benign, and a choice without a site fits any.
  std::string ended;
  /// What the answers were drawn from, if a search drew them and `ended` is not empty.
  struct Draw {
    std::uint64_t seed = 0;
    std::uint64_t run = 0;
    friend bool operator==(const Draw&, const Draw&) = default;
  };
  std::optional<Draw> drawn = {};
  Script script;  ///< the faults by name; none in files of version 1
  std::vector<Choice> choices;
  std::vector<Event> events;  ///< none before version 3, and none if `ended` is not empty

  std::string to_json() const;
  /// Errors:  ScheduleError saying what is wrong and where.
  static ScheduleFile from_json(const std::string& text, const std::string& origin);
  static ScheduleFile load(const std::filesystem::path& file);
  /// Written to a temporary name and renamed, so that a file is there whole or not at all.
  void save(const std::filesystem::path& file) const;
};

/// The stable text of a site.
std::string identify(const Site& site);

/// Answers from a sparse schedule.
class ScheduleChooser final : public Chooser {
 public:
  explicit ScheduleChooser(const Schedule& schedule) : schedule_(schedule) {}
  std::size_t choose(const Site& site, std::span<const Fault> menu) override;

 private:
  Schedule schedule_;
  std::uint32_t position_ = 0;
  std::size_t next_ = 0;
};

/// Answers from a file; strict: any other site than the recorded one is an error.
class ReplayChooser final : public Chooser {
 public:
  explicit ReplayChooser(const ScheduleFile& file) : file_(file) {}  // `file` outlives the chooser
  explicit ReplayChooser(ScheduleFile&&) = delete;
  /// Errors:  DivergedError.
  std::size_t choose(const Site& site, std::span<const Fault> menu) override;
  /// Errors:  DivergedError unless every recorded choice was met.
  void expect_exhausted() const;

 private:
  const ScheduleFile& file_;
  std::size_t next_ = 0;
};

}  // namespace durasim
