#include "durasim/oracle/kept_inputs.hpp"

#include <utility>

#include "durasim/oracle/wording.hpp"

namespace durasim::oracle {
namespace {

std::string_view word(durable::StepSemantics semantics) {
  return semantics == durable::StepSemantics::at_least_once_per_retry ? "at least once per retry"
                                                                      : "at most once per retry";
}

/// What users call it.
std::string_view name_of_retry(const TraceEvent& issued) {
  return issued.sub_type == durable::OperationSubType::wait_for_condition ? "polling options"
                                                                          : "retry strategy";
}

KeptInputs::Difference shortened(std::string_view name, std::string_view kept,
                                 std::string_view given) {
  auto [before, now] = told_apart(kept, given);
  return {std::string(name), std::move(before), std::move(now)};
}

}  // namespace

void KeptInputs::List::assign(std::span<const durable::OperationInput> list,
                              std::uint64_t digest_of_list) {
  digest = digest_of_list;
  values.clear();
  if (list.size() <= 1 && (list.empty() || list.front().is_number())) return;
  values.reserve(list.size());
  for (const durable::OperationInput& input : list) values.push_back(input.value());
}

std::optional<KeptInputs::Difference> KeptInputs::List::difference(
    std::span<const durable::OperationInput> list) const {
  if (digest == durable::digest(list)) return std::nullopt;
  if (values.empty() && list.size() == 1 && list.front().is_number()) {
    durable::OperationInput kept = list.front();
    kept.number = static_cast<std::int64_t>(digest);
    return shortened(kept.name, kept.value(), list.front().value());
  }
  for (std::size_t i = 0; i < list.size() && i < values.size(); ++i) {
    const std::string given = list[i].value();
    if (given != values[i]) return shortened(list[i].name, values[i], given);
  }
  return Difference{};
}

void KeptInputs::assign(const TraceEvent& issued) {
  has_options_ = issued.issued != nullptr;
  if (!has_options_) {  // a trace from elsewhere: the digest is all that it tells
    inputs_ = {issued.inputs, {}};
    return;
  }
  inputs_.assign(issued.issued->inputs, issued.inputs);
  const durable::OperationOptions& options = issued.issued->options;
  others_.assign(options.others, durable::digest(options.others));
  semantics_ = options.semantics;
  has_retry_ = options.retry != nullptr;
  if (has_retry_) retry_ = *options.retry;
}

bool KeptInputs::options_are(const durable::OperationOptions& options) const {
  if (DURASIM_MUTANT(replay_agreement_ignores_options)) return true;
  const bool has_retry = options.retry != nullptr;
  return semantics_ == options.semantics && has_retry_ == has_retry &&
         (!has_retry || retry_.agrees_with(*options.retry)) &&
         others_.digest == durable::digest(options.others);
}

KeptInputs::Difference KeptInputs::difference(const TraceEvent& issued) const {
  if (issued.issued == nullptr) return {};
  if (inputs_.digest != issued.inputs)
    return inputs_.difference(issued.issued->inputs).value_or(Difference{});
  const durable::OperationOptions& options = issued.issued->options;
  if (auto other = others_.difference(options.others)) return *std::move(other);
  if (semantics_ != options.semantics)
    return shortened("semantics", word(semantics_), word(options.semantics));
  const auto told = [](bool has, const durable::RetryStrategy& retry) {
    return has ? retry.describe() : std::string("none");
  };
  const std::string kept = told(has_retry_, retry_);
  const std::string given =
      told(options.retry != nullptr,
           options.retry != nullptr ? *options.retry : durable::RetryStrategy());
  return shortened(name_of_retry(issued), kept,
                   kept == given ? "the same for other failures" : given);
}

}  // namespace durasim::oracle
