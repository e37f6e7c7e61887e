#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <durable/config.hpp>
#include <durable/retry.hpp>

/// What durable calls are given, for who compares one run of a handler with another.
namespace durable {

/// One thing that a durable call is given, beside its name and its body.
/// Shape:   views are valid while the call is handed to an Observer; `name` is, for ever.
struct OperationInput {
  enum class Form : std::uint8_t {
    seconds,  ///< number
    flag,     ///< number: 0 or 1
    text,
    json  ///< text
  };

  std::string_view name;  ///< "duration", "payload", "heartbeat timeout"
  Form form = Form::text;
  std::int64_t number = 0;
  std::string_view text = {};

  static constexpr OperationInput of(std::string_view name, std::chrono::seconds span) {
    return {name, Form::seconds, span.count()};
  }
  static constexpr OperationInput of(std::string_view name, bool flag) {
    return {name, Form::flag, flag ? 1 : 0};
  }
  static constexpr OperationInput text_of(std::string_view name, std::string_view text) {
    return {name, Form::text, 0, text};
  }
  static constexpr OperationInput json_of(std::string_view name, std::string_view json) {
    return {name, Form::json, 0, json};
  }

  bool is_number() const { return form == Form::seconds || form == Form::flag; }
  /// In short: 5 s, true, "ship:1", {"id":7}.
  std::string value() const;
};

/// Equal inputs have equal digests. That of nothing is 0, that of one number is the number.
std::uint64_t digest(std::span<const OperationInput> inputs);

/// How an operation is gone about: what is compared as well, although no request tells it.
struct OperationOptions {
  /// Of its attempts, checks or submitter; nullptr where there is none.
  const RetryStrategy* retry = nullptr;
  StepSemantics semantics = StepSemantics::at_least_once_per_retry;
  std::span<const OperationInput> others = {};
};

}  // namespace durable
