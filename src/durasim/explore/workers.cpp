#include "durasim/explore/workers.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <iterator>
#include <limits>
#include <map>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "durasim/explore/last_words.hpp"
#include "durasim/explore/ring.hpp"

namespace durasim {
namespace {

constexpr std::uint64_t kNoTask = std::numeric_limits<std::uint64_t>::max();
constexpr std::size_t kFlushedAt = 32'768;  // bytes
constexpr std::uint64_t kChunksEach = 32;   // at least, so that workers end at about the same time
constexpr int kPatience = 1'000;            // milliseconds for a task that nobody waits for
constexpr int kDeathsBetweenTasks = 3;      // more of them, and something is amiss with the machine

/// What one worker is at. Its parent reads it when the worker is dead.
struct WorkerSlot {
  std::atomic<std::uint64_t> begin{0};  ///< of the tasks that it has taken
  std::atomic<std::uint64_t> end{0};
  std::atomic<std::uint64_t> running{kNoTask};
  std::array<char, 32> ended{};  ///< how it says that it died
};

/// Shared by all processes of a pool.
struct Board {
  std::atomic<std::uint64_t> next{0};   ///< the first task that nobody has taken
  std::atomic<std::uint64_t> limit{0};  ///< tasks from here on are not wanted
  std::array<WorkerSlot, 256> slots;
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

/// What is known of a task when a worker goes on with what another one has left.
enum class TaskState : std::uint8_t { wanted, died_once, done };

enum class FrameKind : std::uint64_t { result, threw, end };
struct FrameHeader {
  FrameKind kind = FrameKind::result;
  std::uint64_t task = 0;
  std::uint64_t count = 0;  ///< tasks in a row
  std::uint64_t size = 0;   ///< bytes that follow
};

[[noreturn]] void cannot_start(const char* what) {
  throw std::runtime_error(
      fmt::format("cannot start a worker: {}: {}", what, std::generic_category().message(errno)));
}

std::vector<void (*)()>& start_hooks() {
  static std::vector<void (*)()> hooks;
  return hooks;
}

/// The part of a worker: it never returns to whoever forked it.
class WorkerProcess {
 public:
  WorkerProcess(const WorkerTasks& tasks, Board& board, WorkerSlot& slot, std::uint64_t chunk,
                int out)
      : tasks_(tasks), board_(board), slot_(slot), chunk_(chunk), out_(out) {}

  /// First the tasks of the slot that are not done according to `what_of`.
  template <class WhatOf>
  [[noreturn]] void work(bool resumes, const WhatOf& what_of) {
    // Handlers of `exit` and buffers are the parent's affair; what a scenario prints is not.
    ::on_exit([](int status, void*) { ::_exit(status); }, nullptr);
    slot_.ended.front() = '\0';
    leave_words_to_parent(slot_.ended);
    for (void (*hook)() : start_hooks()) hook();
    if (resumes) run_chunk(what_of);
    while (take_chunk()) run_chunk([](std::uint64_t) { return TaskState::wanted; });
    std::cout.flush();
    std::fflush(stdout);
    append({FrameKind::end, 0, 0, 0}, {});
    flush();
    close_ring();
    ::_exit(0);
  }

 private:
  /// The slot is written first: whoever dies in between leaves tasks that are done twice, not never.
  bool take_chunk() {
    for (std::uint64_t begin = board_.next.load();;) {
      if (begin >= board_.limit.load()) return false;
      const std::uint64_t end = begin + std::min(chunk_, tasks_.count - begin);
      slot_.begin = begin;
      slot_.end = end;
      if (board_.next.compare_exchange_weak(begin, end)) return true;
    }
  }

  template <class WhatOf>
  void run_chunk(const WhatOf& what_of) {
    for (std::uint64_t task = slot_.begin; task < slot_.end; ++task) {
      if (task >= board_.limit.load()) break;
      const TaskState state = what_of(task);
      if (state != TaskState::wanted) send_row();
      if (state == TaskState::died_once) flush();
      if (state != TaskState::done) run(task);
      if (state == TaskState::died_once) send_row();
    }
    send_row();
    flush();
  }

  void run(std::uint64_t task) {
    slot_.running = task;
    try {
      const WorkerResult result = tasks_.run(task);
      slot_.running = kNoTask;
      if (tasks_.collect)
        ++row_;
      else
        append({FrameKind::result, task, 1, result.bytes.size()}, result.bytes);
      row_end_ = task + 1;
      if (result.last) lower_limit(task + 1);
    } catch (const std::exception& error) {
      send_row();
      append({FrameKind::threw, task, 1, std::strlen(error.what())}, error.what());
    } catch (...) {
      send_row();
      append({FrameKind::threw, task, 1, 0}, {});
    }
    slot_.running = kNoTask;
    if (buffer_.size() >= kFlushedAt) flush();
  }

  /// The tasks that were not sent yet.
  void send_row() {
    if (row_ == 0) return;
    const std::string bytes = tasks_.collect();
    append({FrameKind::result, row_end_ - row_, row_, bytes.size()}, bytes);
    row_ = 0;
  }

  void lower_limit(std::uint64_t limit) {
    std::uint64_t known = board_.limit.load();
    while (limit < known && !board_.limit.compare_exchange_weak(known, limit)) {
    }
  }

  void append(const FrameHeader& header, std::string_view bytes) {
    char text[sizeof header];
    std::memcpy(text, &header, sizeof header);
    buffer_.append(text, sizeof header);
    buffer_.append(bytes);
  }

  void flush() {
    std::string_view rest = buffer_;
    while (!rest.empty()) {
      const ssize_t written = ::write(out_, rest.data(), rest.size());
      if (written < 0 && errno != EINTR) ::_exit(1);  // there is nobody to tell
      if (written > 0) rest.remove_prefix(static_cast<std::size_t>(written));
    }
    buffer_.clear();
  }

  const WorkerTasks& tasks_;
  Board& board_;
  WorkerSlot& slot_;
  std::uint64_t chunk_;
  int out_;
  std::string buffer_;
  std::uint64_t row_ = 0;  // tasks that are done and not collected yet
  std::uint64_t row_end_ = 0;
};

/// The workers of one call, and what they have sent.
class Pool {
 public:
  Pool(std::uint32_t jobs, const WorkerTasks& tasks) : tasks_(tasks) {
    void* const place =
        ::mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (place == MAP_FAILED) cannot_start("mmap");
    board_ = new (place) Board();
    board_->limit = tasks.count;
    const std::uint64_t count =
        std::min<std::uint64_t>({std::max(jobs, 1U), board_->slots.size(), tasks.count});
    chunk_ = std::clamp<std::uint64_t>(tasks.count / (count * kChunksEach), 1, tasks.largest_chunk);
    workers_.resize(count);
  }
  ~Pool() {
    stop();
    ::munmap(board_, sizeof(Board));
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  void run() {
    std::cout.flush();
    std::fflush(nullptr);  // a worker would write it again
    for (std::size_t i = 0; i < workers_.size(); ++i) {
      if (!start(i, false) && i == 0) cannot_start("fork");
    }
    while (wanted_ && next_ < tasks_.count && any_alive()) {
      receive(-1);
      take_in_order();
    }
    stop();
    discard_rings_of(dead_);  // their deaths are told, or nobody waits for what they did
  }

 private:
  struct Worker {
    pid_t pid = 0;
    int in = -1;  // -1: it is gone
    std::string bytes;
    bool ended = false;
  };
  struct Outcome {
    std::string bytes;
    std::uint64_t count = 1;  ///< tasks in a row
    std::optional<WorkerDeath> death = std::nullopt;
    bool threw = false;
  };

  bool any_alive() const {
    return std::any_of(workers_.begin(), workers_.end(), [](const auto& w) { return w.in >= 0; });
  }

  bool is_done(std::uint64_t task) const {
    if (task < next_) return true;
    const auto after = outcomes_.upper_bound(task);
    return after != outcomes_.begin() &&
           task < std::prev(after)->first + std::prev(after)->second.count;
  }

  TaskState what_of(std::uint64_t task) const {
    if (is_done(task)) return TaskState::done;
    return deaths_.contains(task) ? TaskState::died_once : TaskState::wanted;
  }

  /// `resumes`: it goes on with what the last worker of this slot has left.
  bool start(std::size_t number, bool resumes) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return false;
    const pid_t parent = ::getpid();
    const pid_t pid = ::fork();
    if (pid == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (::getppid() != parent) ::_exit(1);
      ::close(ends[0]);
      for (const Worker& other : workers_) {
        if (other.in >= 0) ::close(other.in);
      }
      WorkerProcess(tasks_, *board_, board_->slots[number], chunk_, ends[1])
          .work(resumes, [this](std::uint64_t task) { return what_of(task); });
    }
    const int error = errno;
    ::close(ends[1]);
    if (pid < 0) ::close(ends[0]);
    errno = error;
    if (pid < 0) return false;
    workers_[number] = {pid, ends[0], {}, false};
    return true;
  }

  /// Waits until a worker has something to say, or so many milliseconds.
  bool receive(int timeout) {
    std::vector<pollfd> waiting;
    std::vector<std::size_t> numbers;
    for (std::size_t i = 0; i < workers_.size(); ++i) {
      if (workers_[i].in < 0) continue;
      waiting.push_back({workers_[i].in, POLLIN, 0});
      numbers.push_back(i);
    }
    const int ready = ::poll(waiting.data(), waiting.size(), timeout);
    for (std::size_t i = 0; ready > 0 && i < waiting.size(); ++i) {
      if (waiting[i].revents != 0) read_from(numbers[i]);
    }
    return ready != 0;
  }

  void read_from(std::size_t number) {
    Worker& worker = workers_[number];
    std::array<char, 65'536> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): it is read
    const ssize_t count = ::read(worker.in, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) return;
    if (count > 0) {
      worker.bytes.append(buffer.data(), static_cast<std::size_t>(count));
      take_frames(worker);
      return;
    }
    WorkerDeath death = reap(worker);
    if (worker.ended) return;
    death.ended = board_->slots[number].ended.data();
    if (wanted_) bury(number, death);
  }

  void take_frames(Worker& worker) {
    std::string_view rest = worker.bytes;
    FrameHeader header;
    while (rest.size() >= sizeof header) {
      std::memcpy(&header, rest.data(), sizeof header);
      if (rest.size() - sizeof header < header.size) break;
      const std::string_view bytes = rest.substr(sizeof header, header.size);
      rest.remove_prefix(sizeof header + header.size);
      if (header.kind == FrameKind::end)
        worker.ended = true;
      else if (!is_done(header.task))
        arrived(header, bytes);
    }
    worker.bytes.erase(0, worker.bytes.size() - rest.size());
  }

  void arrived(const FrameHeader& header, std::string_view bytes) {
    Outcome outcome{std::string(bytes), header.count};
    outcome.threw = header.kind == FrameKind::threw;
    if (const auto died = deaths_.find(header.task); died != deaths_.end()) {
      outcome.death = died->second;
      outcome.death->repeated = false;
    }
    outcomes_.emplace(header.task, std::move(outcome));
  }

  WorkerDeath reap(Worker& worker) {
    if (!worker.ended) dead_.push_back(worker.pid);
    ::close(std::exchange(worker.in, -1));
    int status = 0;
    while (::waitpid(worker.pid, &status, 0) < 0 && errno == EINTR) {
    }
    WorkerDeath death;
    if (WIFSIGNALED(status)) death.signal = WTERMSIG(status);
    if (WIFEXITED(status)) death.status = WEXITSTATUS(status);
    return death;
  }

  /// A task is tried a second time, so that damage done by an earlier one is told from its own.
  void bury(std::size_t number, const WorkerDeath& death) {
    const WorkerSlot& slot = board_->slots[number];
    const std::uint64_t task = slot.running;
    if (task != kNoTask && !is_done(task)) {
      if (!deaths_.emplace(task, death).second) outcomes_[task].death = death;
    } else if (++deaths_between_tasks_ > kDeathsBetweenTasks) {
      throw std::runtime_error(fmt::format("a worker {} while it did nothing", death.text()));
    }
    board_->slots[number].running = kNoTask;
    if (!start(number, true)) cannot_start("fork");
  }

  void take_in_order() {
    for (auto first = outcomes_.find(next_); wanted_ && first != outcomes_.end();
         first = outcomes_.find(next_)) {
      const Outcome outcome = std::move(first->second);
      outcomes_.erase(first);
      const std::uint64_t task = std::exchange(next_, next_ + outcome.count);
      if (outcome.death)
        wanted_ = tasks_.died(task, *outcome.death);
      else if (outcome.threw)
        throw std::runtime_error(fmt::format("a worker failed: {}", outcome.bytes));
      else
        wanted_ = tasks_.take(task, outcome.bytes);
    }
  }

  /// Whoever is amid a task may end it, if that does not take long.
  void stop() {
    wanted_ = false;
    board_->limit = 0;
    while (any_alive() && receive(kPatience)) {
    }
    for (Worker& worker : workers_) {
      if (worker.in < 0) continue;
      ::kill(worker.pid, SIGKILL);
      reap(worker);
    }
  }

  const WorkerTasks& tasks_;
  Board* board_ = nullptr;
  std::uint64_t chunk_ = 1;
  std::vector<Worker> workers_;
  std::map<std::uint64_t, Outcome> outcomes_;    // that were not taken yet
  std::map<std::uint64_t, WorkerDeath> deaths_;  // the first one at each task
  std::vector<pid_t> dead_;                      // workers that did not come to their end
  std::uint64_t next_ = 0;                       // to be taken
  bool wanted_ = true;
  int deaths_between_tasks_ = 0;
};

}  // namespace

std::string WorkerDeath::text() const {
  if (signal == 0) return fmt::format("called exit({})", status);
  return fmt::format("was killed by signal {} ({})", signal, ::strsignal(signal));
}

void run_in_workers(std::uint32_t jobs, const WorkerTasks& tasks) {
  if (tasks.count == 0) return;
  Pool(jobs, tasks).run();
}

void at_worker_start(void (*hook)()) { start_hooks().push_back(hook); }

}  // namespace durasim
