#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

/// Processes that are forked from an image of this one.
namespace durasim {

/// A process that is forked from this one as it is now, and from which others are forked: one for each
/// request. It runs nothing itself, and ends with this one.
class ProcessSource {
 public:
  /// Says what it comes to, bit by bit: if its process dies, that is not lost.
  using Tell = std::function<void(std::string_view said)>;
  using Serve = std::function<void(std::string_view request, const Tell& tell)>;

  /// Of one request: all that was said, and how the process ended.
  struct Answer {
    std::string said;
    int status =
        0;  ///< as waitpid has it; 0 for one that was ended because it had said nothing more
    bool silent = false;  ///< it was ended after `patience`
  };

  /// Shape:   `patience`: seconds that a process may say nothing; 0: any time.
  ProcessSource(Serve serve, std::uint32_t patience);
  ~ProcessSource();
  ProcessSource(const ProcessSource&) = delete;
  ProcessSource& operator=(const ProcessSource&) = delete;

  /// It exists, and was made by this process.
  bool is_own() const;
  /// Nothing if no process is to be had.
  std::optional<Answer> ask(std::string_view request) const;

  /// The same from this process as it is, without a source.
  static std::optional<Answer> ask_child(const Serve& serve, std::string_view request,
                                         std::uint32_t patience);

 private:
  pid_t owner_;
  pid_t source_ = -1;
  int channel_ = -1;
};

}  // namespace durasim
