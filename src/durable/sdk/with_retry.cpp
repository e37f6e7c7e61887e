#include <algorithm>

#include <fmt/format.h>

#include "durable/model/mutant.hpp"
#include "durable/sdk/engine.hpp"

/// Source: docs/reference/with-retry.md
namespace durable {
namespace {

constexpr std::string_view kBackOff = "-backoff-";
constexpr std::size_t kAttemptDigits = 10;

/// A number that is the same on every replay and on every machine, and differs from one wait to the
/// next.
std::uint64_t draw(std::string_view execution_arn, OperationPath path, std::uint32_t attempt) {
  std::uint64_t hash = 0xcbf29ce484222325U;  // FNV-1a
  for (const char byte : fmt::format("{}/{}/{}", execution_arn, path.to_string(), attempt)) {
    hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3U;
  }
  hash = (hash ^ (hash >> 30U)) * 0xbf58476d1ce4e5b9U;  // splitmix64, since FNV mixes weakly
  hash = (hash ^ (hash >> 27U)) * 0x94d049bb133111ebU;
  return hash ^ (hash >> 31U);
}

/// Between nothing, half of the delay or the whole of it and the whole.
std::chrono::seconds jittered(const RetryDecision& decision, std::uint64_t drawn) {
  const std::chrono::seconds shortest = decision.jitter == Jitter::none   ? decision.delay
                                        : decision.jitter == Jitter::half ? decision.delay / 2
                                                                          : std::chrono::seconds(0);
  const auto span = static_cast<std::uint64_t>((decision.delay - shortest).count());
  const std::chrono::seconds delay =
      shortest + std::chrono::seconds(static_cast<std::int64_t>(drawn % (span + 1)));
  return std::clamp(delay, std::chrono::seconds(1), kLongestWait);
}

}  // namespace

void Context::retry(const Name& name, const RetryStrategy& strategy,
                    detail::FunctionRef<void(std::uint32_t)> attempt) {
  Engine& engine = engine_of_call(name);
  if (name.text().size() + kBackOff.size() + kAttemptDigits > kNameLimit) {
    throw ValidationError(fmt::format(
        "the name of the with_retry at {} has {} characters; at most {} are allowed, because its "
        "waits are called \"<name>{}<attempt>\"",
        describe(name.where()), name.text().size(), kNameLimit - kBackOff.size() - kAttemptDigits,
        kBackOff));
  }
  for (std::uint32_t made = 1;; ++made) {
    std::exception_ptr thrown;
    ErrorObject error;
    try {
      attempt(made);
      return;
    } catch (const fiber::Unwind&) {
      throw;
    } catch (...) {
      thrown = std::current_exception();
      engine.fiber_->check_alive();
      if (engine.executor_.is_test_abort(thrown)) throw;
      error = current_exception_error("what with_retry retries");
    }
    const OperationPath next = path_.child(operations_ + 1);
    const RetryDecision decision =
        engine.ask_strategy(strategy,
                            {"the retry strategy", name.text(),
                             sub_type_ == OperationSubType::with_retry ? path_ : next, name.where(),
                             OperationSubType::with_retry},
                            made, error);
    if (!decision.retry) std::rethrow_exception(thrown);
    thrown = nullptr;
    const std::string wait_name =
        name.text().empty() ? std::string() : fmt::format("{}{}{}", name.text(), kBackOff, made);
    const std::uint64_t drawn = DURASIM_MUTANT(draws_back_offs_anew)
                                    ? engine.executor_.client_token() * 0x9e3779b97f4a7c15U >> 7U
                                    : draw(engine.execution_.arn, next, made);
    wait(Name(wait_name, name.where()), jittered(decision, drawn));
  }
}

}  // namespace durable
