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
enum class Answer : std::uint8_t { success, failure, none };

/// One operation of a generated handler. The first value of each field is its simplest.
struct Operation {
  enum class Kind : std::uint8_t {
    step,
    wait,
    loop,       ///< a step for each element of the input
    child,      ///< a child context
    callback,   ///< created, sent to the outside by a step, and waited for
    invoke,     ///< of a plain function
    condition,  ///< met by its check number failures + 1
    retried     ///< with_retry: its first so many attempts throw at their end
  };
  Kind kind = Kind::step;

  // Steps; the fields that the others have too mean the same there.
  bool at_most_once = false;
  Retry retry = Retry::none;
  std::uint32_t attempts = 2;  ///< in all, 2 or 3; not for none and standard
  std::uint32_t interval = 1;  ///< 1 to 5 s; likewise
  std::uint32_t failures = 0;  ///< the body throws in its first so many attempts
  bool caught = false;         ///< the failure is caught and followed by a fallback step
  bool effect = false;         ///< the body reaches the outside, with its idempotency key
  Returns returns = Returns::number;
  int operand = 0;

  // Waits; callbacks: until they are answered, or the timeout of those that are not.
  std::uint32_t seconds = 1;  ///< up to 2 h

  // Child contexts and retried blocks.
  std::vector<Operation> inside = {};
  bool is_virtual = false;

  // Callbacks; what is not answered times out. Invokes: whether the function throws.
  Answer answer = Answer::success;
  bool submitted =
      false;  ///< by wait_for_callback, whose submitter fails and is retried as a step is
  bool heartbeat = false;  ///< it times out for the lack of a heartbeat

  bool operator==(const Operation&) const = default;
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(Operation, kind, at_most_once, retry, attempts, interval, failures,
                                 caught, effect, returns, operand, seconds, inside, is_virtual,
                                 answer, submitted, heartbeat)
};

/// A generated handler: one to eight operations, made one after the other.
struct Program {
  std::vector<Operation> operations;

  bool operator==(const Program&) const = default;
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(Program, operations)
};

/// The name of operation `index` in the record: "s1" is the first, "s1.s2" the second inside it.
std::string name_of(std::size_t index, const std::string& around = {});
/// How many operations there are, inside of others too.
std::size_t count(const std::vector<Operation>& operations);

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
