#include "durasim/explore/process_ring.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <system_error>

#include <fmt/format.h>

#include <durasim/recover.hpp>

#include "durasim/explore/last_words.hpp"
#include "durasim/explore/ring.hpp"
#include "durasim/explore/workers.hpp"

namespace durasim {
namespace {

std::atomic<ProcessRing*> present{nullptr};
std::atomic<bool> refused{false};

/// What dead workers leave is for their parent, which tells of it.
std::atomic<bool> is_worker{false};
[[maybe_unused]] const bool hooked = [] {
  at_worker_start([] { is_worker = true; });
  return true;
}();

}  // namespace

/// In a forked process: the parent's file is the parent's.
void forget_ring_of_parent() {
  refused = false;
  ProcessRing* const ring = present.exchange(nullptr);
  if (ring == nullptr) return;
  // Memory of its own in the same place, for a run that the fork happened in. The object is leaked:
  // nothing may be freed between fork and here.
  ::mmap(ring->file_, sizeof(RingFile), PROT_READ | PROT_WRITE,
         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  ::close(ring->descriptor_);
  abandon_run_of_parent();
}

namespace {

/// Nothing that a process which died has left is lost, even if nobody asks for it.
void recover_others(const std::string& folder) {
  try {
    for (const Recovered& left : recover(folder)) {
      std::fprintf(
          stderr, "durasim: process %u ended in the middle of a run of %s (%s); its schedule: %s\n",
          left.process, left.scenario.c_str(), left.ended.c_str(), left.file.c_str());
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "durasim: warning: %s\n", error.what());
  }
}

void at_exit() {
  if (ProcessRing* const ring = present.load()) {
    if (ring->running()) report_exit();
    close_ring();
  }
}

/// Once per process and its children, which inherit what is registered here.
void prepare_process() {
  static const bool prepared = [] {
    ::pthread_atfork(nullptr, nullptr, forget_ring_of_parent);
    std::atexit(at_exit);
    std::at_quick_exit(at_exit);
    return true;
  }();
  static_cast<void>(prepared);
}

}  // namespace

ProcessRing* ProcessRing::existing() { return present.load(std::memory_order_acquire); }

ProcessRing* ProcessRing::instance() {
  if (ProcessRing* const ring = existing()) return ring;
  if (refused.load()) return nullptr;
  prepare_process();
  auto* const ring = new ProcessRing();  // outlives whatever may still run at exit
  if (!ring->open()) {
    std::fprintf(stderr,
                 "durasim: warning: cannot write %s: %s; if a handler ends the process, no "
                 "schedule is left behind\n",
                 ring->path_.c_str(), std::generic_category().message(errno).c_str());
    refused = true;
    delete ring;
    return nullptr;
  }
  present.store(ring, std::memory_order_release);
  listen_for_death();
  return ring;
}

/// A new file, held until this process ends: recover() takes only what nobody holds.
bool ProcessRing::create() {
  const std::filesystem::path folder = folder_;
  constexpr int kAttempts = 100;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::error_code failed;
    made_folder_ = std::filesystem::create_directories(folder, failed) || made_folder_;
    path_ = (folder / fmt::format("process-{}-{}{}", ::getpid(), attempt, kRingExtension)).string();
    descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor_ < 0) {
      if (errno == ENOENT || errno == EEXIST) continue;  // another process has removed the folder
      return false;
    }
    struct stat status{};
    if (::flock(descriptor_, LOCK_EX) == 0 && ::fstat(descriptor_, &status) == 0 &&
        status.st_nlink > 0)
      return true;
    ::close(descriptor_);  // taken for one left behind, and removed
  }
  return false;
}

bool ProcessRing::open() {
  folder_ = output_folder().string();
  if (!is_worker) recover_others(folder_);
  if (!create()) return false;
  void* memory = MAP_FAILED;
  if (::ftruncate(descriptor_, sizeof(RingFile)) == 0) {
    memory = ::mmap(nullptr, sizeof(RingFile), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_, 0);
  }
  if (memory == MAP_FAILED) {
    const int error = errno;
    ::unlink(path_.c_str());
    ::close(descriptor_);
    errno = error;
    return false;
  }
  file_ = new (memory) RingFile;
  file_->size = sizeof(RingFile);
  file_->fault_count = kFaultCount;
  file_->process = static_cast<std::uint32_t>(::getpid());
  std::copy(kRingMagic.begin(), kRingMagic.end(), file_->magic);
  return true;
}

void ProcessRing::remove() noexcept {
  ::unlink(path_.c_str());
  ::munmap(file_, sizeof(RingFile));
  ::close(descriptor_);
  file_ = nullptr;
  if (made_folder_) ::rmdir(folder_.c_str());
}

void close_ring() {
  ProcessRing* const ring = present.exchange(nullptr);
  if (ring == nullptr) return;
  ring->remove();
  [[maybe_unused]] static ProcessRing* volatile closed = nullptr;
  closed = ring;  // not deleted, as a signal may have come in between; and no leak either
}

}  // namespace durasim
