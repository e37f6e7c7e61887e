#pragma once

#include <cstdint>
#include <string_view>

#include <durable/executor.hpp>

namespace durable {

class Engine;

/// Writes log lines that know their execution, operation and attempt.
/// Replay:  lines of a handler are left out while it only repeats what is recorded.
class Logger {
 public:
  void debug(std::string_view message) const { write(LogLevel::debug, message); }
  void info(std::string_view message) const { write(LogLevel::info, message); }
  void warn(std::string_view message) const { write(LogLevel::warn, message); }
  void error(std::string_view message) const { write(LogLevel::error, message); }

 private:
  friend class Context;
  friend class StepContext;
  Logger(Engine& engine, OperationPath path, std::uint32_t attempt)
      : engine_(&engine), path_(path), attempt_(attempt) {}
  void write(LogLevel level, std::string_view message) const;

  Engine* engine_;
  OperationPath path_;
  std::uint32_t attempt_;
};

}  // namespace durable
