#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <durable/model.hpp>

namespace durasim {

/// Where a handler that ran against a record did something else than before, and what.
/// Source: docs/reference/oracles.md#replay-agreement
struct Divergence {
  enum class Kind : std::uint8_t {
    another_operation,      ///< another type, sub-type or name than the one recorded in this place
    another_input,          ///< the recorded operation, but given something else: see `input`
    another_call,           ///< a like-named one, made elsewhere in the source or with another body
    out_of_turn,            ///< not numbered as the next call of its context
    extra_operation,        ///< one that was not made before with the same record
    missing_operation,      ///< suspended without having made one that was made before
    early_end,              ///< returned or threw before having made one that was made before
    unconsumed_operations,  ///< the body of a context ended before having made one that is recorded
    another_end             ///< the same operations, but another result, error or suspension
  };
  /// A durable call.
  struct Call {
    durable::OperationPath path;
    /// None of a recorded operation whose making was not seen.
    std::optional<durable::OperationType> type = {};
    durable::OperationSubType sub_type = durable::OperationSubType::none;
    std::string name = {};
    std::string file = {};  ///< empty if unknown
    std::uint32_t line = 0;

    /// step "charge" (operation 2), made at payment.hpp:12
    std::string describe() const;
    friend bool operator==(const Call&, const Call&) = default;
  };
  /// What was to come, or what came: a durable call, or else an end.
  struct Side {
    std::optional<Call> call = {};
    std::string input = {};  ///< value of the input that differs, in short
    std::string end = {};    ///< "SUCCEEDED with 5"

    friend bool operator==(const Side&, const Side&) = default;
  };

  Kind kind = Kind::another_end;
  Side expected;           ///< as it is recorded; empty if that is not known
  Side actual;             ///< as it was on replay
  std::string input = {};  ///< name of the input that differs: "duration", "payload"
  std::optional<Call> last_agreeing = {};  ///< the durable call before; none if this is the first
  durable::OperationPath path = {};        ///< of the operation concerned; the root of an end
  std::uint32_t ordinal = 0;     ///< among the durable calls of that run of the handler, from 1
  std::uint32_t unconsumed = 0;  ///< recorded operations that it did not make
  std::uint32_t execution = 0;   ///< counted from 1
  std::uint32_t invocation = 0;  ///< of that execution, counted from 1
  bool shadow = false;           ///< found by a shadow replay after that invocation
  bool cold = false;             ///< which was made in a process that no invocation had run in
  std::string advice = {};       ///< one sentence

  /// Lines for a report: expected, actual, position; labels are 8 columns wide.
  std::string to_text() const;
  friend bool operator==(const Divergence&, const Divergence&) = default;
};
inline constexpr std::size_t kDivergenceKindCount =
    static_cast<std::size_t>(Divergence::Kind::another_end) + 1;

/// Stable identifier: "another_input".
std::string_view to_string(Divergence::Kind kind);

}  // namespace durasim
