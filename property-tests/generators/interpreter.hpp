#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <durable/durable.hpp>

#include "generators/program.hpp"

namespace generated {

/// What a generated handler touches beside its context. Properties watch it here.
class Surroundings {
 public:
  virtual ~Surroundings() = default;

  /// The body of a step begins to run.
  virtual void body(const std::string& /*step*/, durable::StepContext&) {}
  /// It reaches the outside world.
  virtual void effect(const std::string& /*step*/, const std::string& /*key*/) {}
  /// The handler is about to wait, now or on replay.
  virtual void waiting(const std::string& /*name*/, std::chrono::seconds) {}
  virtual void waited(const std::string& /*name*/, std::chrono::seconds) {}
  /// The id of a callback is sent to the outside, which answers as the operation says.
  virtual void submit(const std::string& /*id*/, const Operation&) {}
};

/// The plain function that generated handlers invoke: returns a number, or throws.
inline constexpr const char* kCallee = "callee";
std::int64_t callee(const std::pair<std::int64_t, bool>& number_or_throw);

/// The result of a generated handler: that of each of its operations, in order.
using Results = std::vector<std::int64_t>;

/// Runs `program` as a handler.
/// Errors:  that of an operation whose failure the program does not catch.
Results interpret(const Program& program, durable::Context& context, const Input& input,
                  Surroundings& surroundings);

}  // namespace generated
