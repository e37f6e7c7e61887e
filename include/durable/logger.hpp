#pragma once

#include <cstdint>
#include <string_view>

#include <durable/executor.hpp>

namespace durable {

class Context;

/// Writes log lines that know their execution, operation and attempt.
/// Replay:  lines of a handler or child context are left out while it only repeats what is recorded.
class Logger {
 public:
  void debug(std::string_view message) const { write(LogLevel::debug, message); }
  void info(std::string_view message) const { write(LogLevel::info, message); }
  void warn(std::string_view message) const { write(LogLevel::warn, message); }
  void error(std::string_view message) const { write(LogLevel::error, message); }

 private:
  friend class Context;
  friend class StepContext;
  /// Of a step's body that runs in `context`, or of the context's own lines.
  Logger(const Context& context, const BodyCall* call);
  void write(LogLevel level, std::string_view message) const;

  const Context* context_;
  OperationPath path_;
  OperationPath parent_;
  Text name_;
  std::uint32_t attempt_ = 0;
};

}  // namespace durable
