#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <string>

#include <durasim/chooser.hpp>
#include <durasim/faults.hpp>
#include <durasim/schedule.hpp>

#include "durasim/explore/ring_file.hpp"
#include "durasim/explore/run.hpp"

/// Written ahead: what a process is about to run is in a file before it runs, so that no way of
/// dying loses it. The file is mapped into memory; nothing here calls the kernel for a run.
namespace durasim {

/// A call of verify, search, check and the like, for as long as it lives: what its runs are of.
/// Shape:   calls nest, one thread each.
class Campaign {
 public:
  /// The texts and the options outlive it. `hang_after`: seconds of processor time; 0: any number.
  Campaign(const std::string& scenario, const std::string& inputs, const FaultModel& faults,
           std::uint32_t hang_after);
  ~Campaign();
  Campaign(const Campaign&) = delete;
  Campaign& operator=(const Campaign&) = delete;

 private:
  friend class RunRecord;
  friend void store_at_once(const RunResult& run);
  const std::string& scenario_;
  const std::string& inputs_;
  FaultModel faults_;
  std::uint32_t hang_after_;
  std::uint64_t number_;
  Campaign* outer_;
};

/// One run, from before it begins until what it found is on disk. If the process dies meanwhile,
/// this run is what recover() finds. Does nothing within another one, and outside a campaign.
class RunRecord {
 public:
  explicit RunRecord(const Schedule& schedule);
  /// A run whose answers are drawn as they are asked for.
  RunRecord(std::uint64_t seed, std::uint64_t run);
  ~RunRecord();
  RunRecord(const RunRecord&) = delete;
  RunRecord& operator=(const RunRecord&) = delete;

  /// What the run found is on disk; other runs may follow.
  void end();

 private:
  bool begin();
  void publish();

  RingFile* ring_ = nullptr;
};

/// Stores the schedule of a run of the current campaign that broke a rule, unless there is one of its
/// signature already: where it would be told of only after other runs.
/// Errors:  std::runtime_error if it cannot be written.
void store_at_once(const RunResult& run);

/// Writes each answer of `chooser` down before it acts, if a record is open that has none yet.
class AnswerLog final : public Chooser {
 public:
  explicit AnswerLog(Chooser& chooser);
  std::size_t choose(const Site& site, std::span<const Fault> menu) override;
  /// The chooser to be used.
  Chooser& chooser() { return ring_ == nullptr ? chooser_ : *this; }

 private:
  void learn(durable::OperationPath path);

  Chooser& chooser_;
  RingFile* ring_;
};

/// Closes and removes the file of this process: before _exit, which runs nothing at exit.
void close_ring();
/// Removes the files of these processes, which are dead: what they were running is told otherwise.
void discard_rings_of(std::span<const pid_t> processes);
/// In a forked process: the run that the fork happened in is the parent's to record.
void abandon_run_of_parent();

}  // namespace durasim
