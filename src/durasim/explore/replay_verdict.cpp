#include "durasim/explore/replay_verdict.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include <fmt/format.h>

#include <durasim/environment.hpp>

namespace durasim {

ReplayVerdict::ReplayVerdict() {
  if (const auto file = setting_from_environment("DURASIM_VERDICT").verdict) path_ = file->string();
  write("BEGUN");
}

ReplayVerdict::~ReplayVerdict() {
  if (given_) return;
  try {
    write("ERROR");
  } catch (const EnvironmentError&) {
    return;  // without its end, the replay counts as one that the process did not survive
  }
}

void ReplayVerdict::give(const Verification& result) {
  given_ = true;
  const std::string verdict(to_string(result.verdict));
  if (result.findings.empty()) return write(verdict);
  const Finding& main = result.findings.front();
  write(fmt::format("{} {} {}", verdict, to_string(main.oracle), main.signature()));
}

/// In one call, so that processes that share the file do not get into each other's lines.
void ReplayVerdict::write(const std::string& line) const {
  if (path_.empty()) return;
  const std::string text = fmt::format("{} {}\n", ::getpid(), line);
  const int file = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  const bool written =
      file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const int error = errno;
  if (file >= 0) ::close(file);
  if (written) return;
  throw EnvironmentError(
      fmt::format("the environment variable DURASIM_VERDICT is \"{}\", which cannot be written: {}",
                  path_, std::generic_category().message(error)));
}

}  // namespace durasim
