#include <durasim/recover.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <stdexcept>

#include <fmt/format.h>

#include "durasim/explore/ring.hpp"
#include "durasim/explore/ring_file.hpp"
#include "durasim/explore/ring_schedule.hpp"

namespace durasim {
namespace {

namespace fs = std::filesystem;

/// The file of another process, held so that nobody else takes it.
class LeftBehind {
 public:
  explicit LeftBehind(const fs::path& path)
      : path_(path), descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    struct stat status{};
    if (descriptor_ < 0 || ::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) return;
    if (::fstat(descriptor_, &status) != 0 || status.st_nlink == 0) return;
    ours_ = true;
    size_ = static_cast<std::size_t>(status.st_size);
    if (size_ < sizeof(RingFile)) return;
    void* const memory = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, descriptor_, 0);
    if (memory != MAP_FAILED) ring_ = static_cast<const RingFile*>(memory);
  }
  ~LeftBehind() {
    if (ring_ != nullptr) ::munmap(const_cast<RingFile*>(ring_), size_);
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  LeftBehind(const LeftBehind&) = delete;
  LeftBehind& operator=(const LeftBehind&) = delete;

  /// Nobody else has it.
  bool ours() const { return ours_; }
  /// Of a process that died before it had written anything.
  bool blank() const {
    return size_ < sizeof(RingFile) || ring_ == nullptr || ring_->magic[0] == 0;
  }
  bool readable() const {
    return kRingMagic == ring_->magic && ring_->size == sizeof(RingFile) &&
           ring_->fault_count == kFaultCount;
  }
  const RingFile& ring() const { return *ring_; }
  void remove() const { ::unlink(path_.c_str()); }

 private:
  fs::path path_;
  int descriptor_;
  std::size_t size_ = 0;
  bool ours_ = false;
  const RingFile* ring_ = nullptr;
};

std::vector<fs::path> rings_in(const fs::path& folder) {
  std::vector<fs::path> paths;
  std::error_code failed;
  for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    if (entry->path().extension() == kRingExtension) paths.push_back(entry->path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

/// False if it must stay where it is.
bool recover_one(const LeftBehind& left, const fs::path& path, std::vector<Recovered>& recovered) {
  if (left.blank()) return true;
  if (!left.readable()) {
    std::fprintf(stderr, "durasim: warning: %s was written by another version of durasim\n",
                 path.c_str());
    return false;
  }
  const RingFile& ring = left.ring();
  if (ring.state.load() != RingState::running) return true;
  Recovered result;
  result.scenario = ring.scenario();
  result.ended = ring.ended[0] != '\0' ? ring.ended : "killed";
  result.process = ring.process;
  PlainText name;
  name_schedule(ring, result.ended, name);
  result.file = path.parent_path() / name.c_str();
  if (!write_schedule(ring, result.ended, result.file.c_str())) {
    throw std::runtime_error(fmt::format("cannot write {}", result.file.string()));
  }
  // Two processes may have died of the same run, as a worker and the one that tried it again.
  const bool known = std::any_of(recovered.begin(), recovered.end(),
                                 [&](const Recovered& one) { return one.file == result.file; });
  if (!known) recovered.push_back(std::move(result));
  return true;
}

}  // namespace

std::vector<Recovered> recover(const fs::path& folder) {
  std::vector<Recovered> recovered;
  for (const fs::path& path : rings_in(folder)) {
    const LeftBehind left(path);
    if (left.ours() && recover_one(left, path, recovered)) left.remove();
  }
  return recovered;
}

void discard_rings_of(std::span<const pid_t> processes) {
  if (processes.empty()) return;
  for (const fs::path& path : rings_in(output_folder())) {
    const std::string name = path.filename().string();
    const auto is_of = [&](pid_t process) {
      return name.starts_with(fmt::format("process-{}-", process));
    };
    if (std::none_of(processes.begin(), processes.end(), is_of)) continue;
    if (const LeftBehind left(path); left.ours()) left.remove();
  }
}

}  // namespace durasim
