#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

/// Forked workers: tasks are done in other processes, and their results are taken in a fixed order.
namespace durasim {

/// A worker did not survive a task.
struct WorkerDeath {
  int signal = 0;          ///< that killed it; 0: it exited
  int status = 0;          ///< with which it exited
  bool repeated = true;    ///< it died again when a fresh worker did the task
  std::string ended = {};  ///< what it could still say, such as "stack-overflow"

  /// "was killed by signal 6 (Aborted)", "called exit(3)".
  std::string text() const;
};

/// What a worker has to say about a task.
struct WorkerResult {
  std::string bytes;
  bool last = false;  ///< nothing is wanted of the tasks after this one
};

/// Work in tasks, which are numbered from 0.
struct WorkerTasks {
  std::uint64_t count = 0;
  /// At most so many are taken, and told of, together. 1 where each takes long.
  std::uint64_t largest_chunk = 32;
  /// Called in a worker; there with increasing numbers, though not with all of them.
  std::function<WorkerResult(std::uint64_t task)> run;
  /// If there is one, it is called in a worker after some tasks in a row, for what they came to
  /// together: that is sent, and the bytes of each are not. For tasks so small that handing over
  /// their results one by one would take a good part of the time.
  std::function<std::string()> collect = {};
  /// Called in this process for one task after the other, in their order, whoever did them and
  /// when; where tasks are collected, for the first of each row. False: no more is wanted.
  std::function<bool(std::uint64_t task, std::string_view bytes)> take;
  /// The same for a task that a worker did not survive.
  std::function<bool(std::uint64_t task, const WorkerDeath& death)> died;
};

/// Does the tasks in `jobs` workers, which are forked from this process as it is now.
/// Shape:   workers run no handler of `exit` and write nothing that this process had still to
///          write, and say nothing when they die: it is for `died` to tell of it. None is left when
///          this returns.
/// Errors:  std::runtime_error if no worker can be had, or if `run` threw, with what it said.
void run_in_workers(std::uint32_t jobs, const WorkerTasks& tasks);

/// `hook` is called in each worker when it begins: for what a process has of its own, such as a
/// file that it writes or a timer. Hooks are called in the order of these calls.
void at_worker_start(void (*hook)());

}  // namespace durasim
