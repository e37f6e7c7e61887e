#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "durasim/explore/ring_file.hpp"

namespace durasim {

/// The one write-ahead file of this process. A forked process makes its own.
class ProcessRing {
 public:
  /// Made by the first call, in the output folder. nullptr if that cannot be, which is warned of
  /// once.
  static ProcessRing* instance();
  /// If there is one. Async-signal-safe.
  static ProcessRing* existing();

  RingFile& file() { return *file_; }
  const char* path() const { return path_.c_str(); }
  const char* folder() const { return folder_.c_str(); }
  /// Whether a run is under way.
  bool running() const {
    return file_->state.load(std::memory_order_acquire) == RingState::running;
  }
  /// Removes it, and the folder, if this process made that and left nothing in it.
  void remove() noexcept;

  /// The test for which file().command_begin and command_end hold.
  std::string command_of;
  bool command_known = false;

 private:
  ProcessRing() = default;
  bool open();
  bool create();
  friend void forget_ring_of_parent();

  RingFile* file_ = nullptr;
  int descriptor_ = -1;
  bool made_folder_ = false;
  std::string folder_;
  std::string path_;
};

}  // namespace durasim
