#pragma once

/// What code has to do with durasim::guard, if that is linked. Everything here may be used without it too.
/// Source: docs/reference/guard.md
namespace durable {
class Engine;
}

namespace durasim {

/// For as long as it lives, the handler that has made it may ask the machine for the time, random numbers
/// and all else, as for the lines of a log: that is no finding, and the machine answers.
class [[nodiscard]] AllowNondeterminism {
 public:
  AllowNondeterminism();
  ~AllowNondeterminism();
  AllowNondeterminism(const AllowNondeterminism&) = delete;
  AllowNondeterminism& operator=(const AllowNondeterminism&) = delete;

 private:
  durable::Engine* engine_;
};

/// Whether durasim::guard is linked into this program and calls do come to it.
bool guard_is_active();

}  // namespace durasim
