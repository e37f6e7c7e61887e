#pragma once

#include <cstdlib>
#include <optional>
#include <string>

/// What tests of every layer share.
namespace durasim::core_testing {

/// An environment variable that has another value for as long as this lives: then what it had before,
/// be that nothing.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    if (const char* const before = std::getenv(name)) before_ = before;
    ::setenv(name, value.c_str(), 1);
  }
  ~Variable() {
    if (before_) {
      ::setenv(name_, before_->c_str(), 1);
    } else {
      ::unsetenv(name_);
    }
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
  std::optional<std::string> before_;
};

}  // namespace durasim::core_testing
