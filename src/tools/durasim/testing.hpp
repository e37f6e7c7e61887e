#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include <durasim/schedule.hpp>

/// What the tests of the program share.
namespace durasim::program::testing_support {

/// A folder of this process alone, removed at the end.
class Folder {
 public:
  explicit Folder(const std::string& name)
      : path_(std::filesystem::temp_directory_path() /
              ("durasim program's " + name + std::to_string(::getpid()))) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// A failure of `faults` faults, found by the oracle effects.
inline ScheduleFile failure(const std::string& signature, std::size_t faults) {
  ScheduleFile file;
  file.scenario = "Fulfil.Holds";
  file.oracle = "effects";
  file.operation = "charge";
  file.signature = signature;
  for (std::size_t i = 0; i < faults; ++i)
    file.choices.push_back({"execution 1, after_body 1, occurrence 1", 3, 1, "crash_after_body"});
  file.choices.push_back({"execution 1, after_body 1, occurrence 2", 3, 0, "none"});
  return file;
}

inline std::string quoted(const std::filesystem::path& path) {
  std::string text = "'";
  for (const char character : path.string())
    text += character == '\'' ? "'\\''" : std::string(1, character);
  return text + "'";
}

struct Ended {
  int status = -1;  ///< of exit; -1 if it was killed by a signal
  std::string output;
};

inline Ended shell(const std::string& command) {
  Ended ended;
  std::FILE* pipe = ::popen(("{ " + command + "\n} 2>&1").c_str(), "r");
  std::array<char, 4096> buffer{};
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe))
    ended.output.append(buffer.data(), count);
  const int status = ::pclose(pipe);
  if (WIFEXITED(status)) ended.status = WEXITSTATUS(status);
  return ended;
}

}  // namespace durasim::program::testing_support
