#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

/// What the replay of a schedule has come to, as the program that replays it tells through
/// $DURASIM_VERDICT.
/// Source: docs/reference/environment.md#the-verdict-of-a-replay
namespace durasim::program {

/// The outcomes of a replay. Of several replays the last one in this order counts.
enum class ReplayEnd {
  holds,
  incomplete,  ///< or the replay could not be made
  died,        ///< the process ended in the run
  refuted
};

struct ReplayTold {
  ReplayEnd end = ReplayEnd::holds;
  std::string oracle;     ///< of `refuted`
  std::string signature;  ///< of `refuted`
};

/// What the lines of a verdict file say; nothing if no replay has begun.
std::optional<ReplayTold> read_verdict(std::string_view text);

/// A folder for the file, and for what else a replay leaves, for as long as this lives.
class ReplayFolder {
 public:
  /// Errors:  std::system_error.
  ReplayFolder();
  ~ReplayFolder();
  ReplayFolder(const ReplayFolder&) = delete;
  ReplayFolder& operator=(const ReplayFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path verdict_file() const { return path_ / "verdict"; }
  /// As read_verdict, of the file.
  std::optional<ReplayTold> told() const;

 private:
  std::filesystem::path path_;
};

}  // namespace durasim::program
