#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <durasim/trace.hpp>

#include "durable/model/mutant.hpp"

namespace durasim::oracle {

/// What a durable call was given when it was recorded: the service is not told all of it, and does not
/// tell it again. Kept by digest, with the values where the digest does not tell them.
class KeptInputs {
 public:
  /// One that differs.
  struct Difference {
    std::string input;  ///< its name; empty if it cannot be told
    std::string kept;   ///< both values, in short
    std::string given;
  };

  void assign(const TraceEvent& issued);
  bool are(const TraceEvent& issued) const {
    return (inputs_.digest == issued.inputs || DURASIM_MUTANT(replay_agreement_ignores_inputs)) &&
           (issued.issued == nullptr || issued.cold || !has_options_ ||
            options_are(issued.issued->options));
  }
  /// Only if !are(issued). Options do not come from cold processes.
  Difference difference(const TraceEvent& issued) const;

 private:
  /// Of a number alone the digest is the value, so that waits are kept without an allocation.
  struct List {
    std::uint64_t digest = 0;
    std::vector<std::string> values = {};

    void assign(std::span<const durable::OperationInput> list, std::uint64_t digest_of_list);
    std::optional<Difference> difference(std::span<const durable::OperationInput> list) const;
  };
  bool options_are(const durable::OperationOptions& options) const;

  List inputs_;
  List others_;
  bool has_options_ = false;
  bool has_retry_ = false;
  durable::StepSemantics semantics_ = durable::StepSemantics::at_least_once_per_retry;
  durable::RetryStrategy retry_;
};

}  // namespace durasim::oracle
