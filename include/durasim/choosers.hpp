#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <durasim/chooser.hpp>
#include <durasim/schedule.hpp>

/// Ways to answer choices, and decorators for them. See also NominalChooser, ScheduleChooser and
/// ReplayChooser.
/// Source: docs/reference/search-strategies.md
namespace durasim {

/// At most so many choices of a kind in one run that are not benign.
struct ChoiceBounds {
  std::uint32_t max_faults = 3;  ///< shapes count as faults
  std::uint32_t max_preemptions = 1;
  std::uint32_t max_environment = 1;
  std::uint32_t max_data = 1;
};

/// Which faults exist in one random run, and how often they happen there.
struct Swarm {
  /// Each fault exists in half of the runs; in a quarter of them, all do.
  FaultSet faults = {};
  std::uint32_t rate = 0;  ///< of 65,536 choices; log-uniform from 1/2 to 1/32

  /// Of run number `run`.
  static Swarm draw(std::uint64_t seed, std::uint64_t run);
};

/// Random answers under a swarm configuration. Each depends on seed, run, site, and how often the
/// site was met, and on nothing else: a choice more or less elsewhere changes no other answer. One
/// choice of the run without faults, which offers a fault of the swarm, has one for certain.
/// Replay:  same seed and run, same answers, on every machine and compiler.
class SwarmChooser final : public Chooser {
 public:
  /// `nominal`: the choices of the run without faults; where there are none, no fault is certain.
  SwarmChooser(std::uint64_t seed, std::uint64_t run, std::span<const Decision> nominal = {});
  std::size_t choose(const Site& site, std::span<const Fault> menu) override;
  const Swarm& swarm() const { return swarm_; }

 private:
  struct Meetings {
    std::uint64_t site = 0;  ///< its hash; 0: an empty place
    std::uint32_t count = 0;
  };
  std::uint32_t meet(std::uint64_t site);
  void grow();
  void make_certain(std::span<const Decision> nominal);

  std::uint64_t key_;
  Swarm swarm_;
  std::vector<Meetings> met_;  ///< open addressing; never iterated over
  std::size_t places_taken_ = 0;
  Meetings certain_;  ///< at this site, met so many times before, a fault happens; 0: at none
};

/// Exactly `count` faults and other choices but random draws, if the run is long enough: the first at any choice that a run without
/// faults meets, each further one at any of those that are then expected to come.
/// Replay:  same seed and run, same answers.
class PlacementChooser final : public Chooser {
 public:
  /// `length`: how many choices a run without faults meets.
  PlacementChooser(std::uint64_t seed, std::uint64_t run, std::uint32_t count,
                   std::uint32_t length);
  std::size_t choose(const Site& site, std::span<const Fault> menu) override;

 private:
  void place();

  std::uint64_t state_;
  std::uint32_t left_;
  std::uint32_t length_;
  std::uint32_t position_ = 0;
  std::uint32_t next_ = 0;
};

/// Answers from bytes, which are records of two numbers: how many choices are benign before the next
/// one that is not, as a varint of seven bits a byte; and which of its alternatives that one takes,
/// one byte, of which the remainder counts. What follows the last whole record is benign.
class BytesChooser final : public Chooser {
 public:
  /// `bytes` outlive the chooser.
  explicit BytesChooser(std::span<const std::uint8_t> bytes);
  std::size_t choose(const Site& site, std::span<const Fault> menu) override;

 private:
  void read();

  std::span<const std::uint8_t> rest_;
  std::optional<Schedule::Choice> next_;  ///< position: choices until then
};

/// The bytes whose answers are those of `schedule`.
/// Errors:  std::invalid_argument for an alternative above 256, or positions that do not ascend.
std::vector<std::uint8_t> bytes_of(const Schedule& schedule);
/// The schedule that `bytes` spell. The same answers, unless a run has fewer alternatives than they
/// ask for: what a RecordingChooser has recorded is exact then too.
Schedule schedule_of(std::span<const std::uint8_t> bytes);

/// The bytes that answer as a stored run was answered.
/// Errors:  std::invalid_argument for an alternative above 256.
std::vector<std::uint8_t> bytes_of(const ScheduleFile& file);
/// A file of the answers that `bytes` spell, which no run has been made of yet: its choices have no
/// sites, and fit any. A replay answers as a BytesChooser would.
/// Errors:  std::invalid_argument for an answer behind kLongestFromBytes choices.
ScheduleFile schedule_file_of(std::span<const std::uint8_t> bytes, std::string scenario,
                              const FaultModel& faults = FaultModel::standard());
/// A schedule file has a line for each choice.
inline constexpr std::uint32_t kLongestFromBytes = 100'000;
/// Whether an input of a fuzzer looks like a schedule file: none of its own looks like that.
bool is_schedule_file(std::span<const std::uint8_t> input);

/// Answers from a file as far as the run still meets what is recorded: a fault happens where its
/// site is met as many times as it was then, and still offers it. All else is benign.
class LenientReplayChooser final : public Chooser {
 public:
  explicit LenientReplayChooser(const ScheduleFile& file);
  std::size_t choose(const Site& site, std::span<const Fault> menu) override;
  /// The recorded faults that have not happened, as text.
  std::vector<std::string> unreached() const;

 private:
  struct Recorded {
    std::string site;
    std::uint32_t time = 1;  ///< counts the choices at that site
    std::string fault;
    std::uint32_t met = 0;
    bool reached = false;
  };
  std::vector<Recorded> recorded_;
};

/// Writes down what another chooser answers.
class RecordingChooser final : public Chooser {
 public:
  explicit RecordingChooser(Chooser& inner) : inner_(inner) {}
  std::size_t choose(const Site& site, std::span<const Fault> menu) override;
  const std::vector<Decision>& decisions() const { return decisions_; }
  Schedule schedule() const;

 private:
  Chooser& inner_;
  std::vector<Decision> decisions_;
};

/// Counts what another chooser is offered, and what it takes.
class MetricsChooser final : public Chooser {
 public:
  struct Count {
    std::uint64_t offered = 0;
    std::uint64_t taken = 0;
  };
  explicit MetricsChooser(Chooser& inner) : inner_(inner) {}
  std::size_t choose(const Site& site, std::span<const Fault> menu) override;

  std::uint64_t choices() const { return choices_; }
  const Count& of(Fault fault) const { return of_fault_[static_cast<std::size_t>(fault)]; }

 private:
  Chooser& inner_;
  std::uint64_t choices_ = 0;
  std::array<Count, kFaultCount> of_fault_{};
};

/// Answers benignly once a run has taken all that the bounds allow: from there on it heals.
class BudgetChooser final : public Chooser {
 public:
  BudgetChooser(Chooser& inner, const ChoiceBounds& bounds);
  std::size_t choose(const Site& site, std::span<const Fault> menu) override;

 private:
  static constexpr std::size_t kKinds = static_cast<std::size_t>(ChoiceKind::data) + 1;

  Chooser& inner_;
  std::array<std::uint32_t, kKinds> left_{};  ///< by ChoiceKind
};

/// A second run met another choice than the first, although both were given the same answers.
class NondeterminismError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Holds a second run against the first: asks `inner` in the first run and repeats its answers in the
/// next ones.
class DeterminismChooser final : public Chooser {
 public:
  explicit DeterminismChooser(Chooser& inner) : first_(inner) {}
  /// Errors:  NondeterminismError with the first choice that differs.
  std::size_t choose(const Site& site, std::span<const Fault> menu) override;
  /// Call between two runs.
  /// Errors:  NondeterminismError if the run that ended met fewer choices than the first.
  void next_run();

 private:
  RecordingChooser first_;
  bool repeating_ = false;
  std::size_t position_ = 0;
};

}  // namespace durasim
