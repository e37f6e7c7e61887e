#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <rapidcheck.h>

/// Handlers as values, so that RapidCheck can make them up and shrink them.
namespace generated {

/// What the execution of a generated handler is started with: at most four small numbers.
using Input = std::vector<int>;

enum class Retry : std::uint8_t {
  none,
  fixed,
  standard,
  linear,   ///< with half jitter
  filtered  ///< of the failures, only that of the first attempt is retried
};
enum class Returns : std::uint8_t { number, text, nothing };

/// One operation of a generated handler. The first value of each field is its simplest.
struct Operation {
  enum class Kind : std::uint8_t {
    step,
    wait,
    loop  ///< a step for each element of the input
  };
  Kind kind = Kind::step;

  // Steps.
  bool at_most_once = false;
  Retry retry = Retry::none;
  std::uint32_t attempts = 2;  ///< in all, 2 or 3; not for none and standard
  std::uint32_t interval = 1;  ///< 1 to 5 s; likewise
  std::uint32_t failures = 0;  ///< the body throws in its first so many attempts
  bool caught = false;         ///< the handler catches a failure and makes a fallback step
  bool effect = false;         ///< the body reaches the outside, with its idempotency key
  Returns returns = Returns::number;
  int operand = 0;

  // Waits.
  std::uint32_t seconds = 1;  ///< up to 2 h

  bool operator==(const Operation&) const = default;
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(Operation, kind, at_most_once, retry, attempts, interval, failures,
                                 caught, effect, returns, operand, seconds)
};

/// A generated handler: one to eight operations, made one after the other.
struct Program {
  std::vector<Operation> operations;

  bool operator==(const Program&) const = default;
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(Program, operations)
};

/// The name of operation `index` in the record: "s1" is the first.
std::string name_of(std::size_t index);

/// Programs that are a little simpler, the simplest first: fewer operations, then simpler ones.
std::vector<Program> simpler_programs(const Program& program);
std::vector<Input> simpler_inputs(const Input& input);

/// The program as pseudo-code, a line for each operation.
void showValue(const Program& program, std::ostream& out);

}  // namespace generated

namespace rc {
template <>
struct Arbitrary<generated::Program> {
  static Gen<generated::Program> arbitrary();
};
}  // namespace rc
