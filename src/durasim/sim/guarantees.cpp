#include <algorithm>

#include <fmt/format.h>

#include <durasim/effects.hpp>

#include "durable/model/mutant.hpp"
#include "durasim/oracle/wording.hpp"
#include "durasim/sim/invocation.hpp"
#include "durasim/sim/world.hpp"

/// What a scenario declares about effects, and how often they then happen.
namespace durasim {
namespace {

constexpr std::string_view kRunsAgain =
    "a step's body runs again when it is interrupted: give StepContext::idempotency_key() to the "
    "receiver, or make the step at_most_once_per_retry without retries and handle "
    "StepInterruptedError";
constexpr std::string_view kPlainRunsAgain =
    "a plain function runs again from its beginning when it is interrupted: have its caller send a "
    "key in the payload, and give that to the receiver";
constexpr std::string_view kStableKey =
    "make the key with StepContext::idempotency_key(), which is the same whenever the body runs: "
    "never from the time, a random number or a counter";
constexpr std::string_view kSharedKey =
    "the receiver takes the later request for a repetition of the earlier one: make each key with "
    "the StepContext::idempotency_key() of its own step";

std::string times(std::size_t count) {
  return count == 1 ? "once" : fmt::format("{} times", count);
}

}  // namespace

void Effects::at_most(std::size_t limit, std::string_view kind, const std::source_location& where) {
  guarantees_.push_back({Guarantee::Rule::at_most, limit, std::string(kind), where});
}

void Effects::exactly(std::size_t count, std::string_view kind, const std::source_location& where) {
  guarantees_.push_back({Guarantee::Rule::exactly, count, std::string(kind), where});
}

void Effects::once_per_key(std::string_view kind, const std::source_location& where) {
  guarantees_.push_back({Guarantee::Rule::once_per_key, 1, std::string(kind), where});
}

void Effects::idempotent_by_key(std::string_view kind, const std::source_location& where) {
  guarantees_.push_back({Guarantee::Rule::idempotent_by_key, 1, std::string(kind), where});
}

void Effects::check(const Guarantee& guarantee, std::size_t before) {
  if (guarantee.rule == Guarantee::Rule::idempotent_by_key) check_key(guarantee);
  const Entry& entry = entries_.back();
  if (!entry.applied) return;
  const std::size_t applied =
      by_key(guarantee) ? count(guarantee.kind, entry.key) : count(guarantee.kind);
  if (applied <= guarantee.count) return;
  std::string what = fmt::format("took effect {}", times(applied));
  if (by_key(guarantee)) {
    what += fmt::format(" for the key \"{}\", but is declared to do so once per key", entry.key);
  } else {
    what += fmt::format(", but is declared to do so {} {}",
                        guarantee.rule == Guarantee::Rule::exactly ? "exactly" : "at most",
                        times(guarantee.count));
  }
  if (before != kNone) what += ": " + story_of(entries_[before], entry);
  const bool plain = entry.body_run != 0 && entry.path.is_root();
  broken(guarantee, what, std::string(plain ? kPlainRunsAgain : kRunsAgain));
}

/// Of what the operation asked for when its body ran before, and of what others asked for.
void Effects::check_key(const Guarantee& guarantee) {
  const Entry& entry = entries_.back();
  if (entry.key.empty())
    return broken(guarantee, "was asked for without a key by " + maker_of(entry),
                  std::string(kStableKey));
  if (entry.body_run == 0) return;  // that is a finding by itself
  const auto is_call = [&](const Entry& other) {
    return other.kind == entry.kind && other.execution == entry.execution && other.body_run != 0;
  };
  const auto which = std::count_if(entries_.begin(), entries_.end(), [&](const Entry& other) {
    return is_call(other) && other.body_run == entry.body_run;
  });
  const Entry* counterpart = nullptr;  // of the run of this body that came first
  std::ptrdiff_t met = 0;
  for (const Entry& other : entries_) {
    if (&other == &entry || !is_call(other)) continue;
    if (other.path != entry.path) {
      if (other.key != entry.key || DURASIM_MUTANT(idempotent_by_key_ignores_other_operations))
        continue;
      return broken(guarantee,
                    fmt::format("was asked for by two operations with one key, \"{}\": {}",
                                entry.key, story_of(other, entry)),
                    std::string(kSharedKey));
    }
    if (other.key == entry.key && other.body_run != entry.body_run) return;
    const bool of_first = counterpart == nullptr && other.body_run != entry.body_run;
    if (of_first && ++met == which) counterpart = &other;
  }
  if (counterpart != nullptr && !DURASIM_MUTANT(idempotent_by_key_ignores_other_keys)) {
    broken(guarantee,
           "was asked for with another key than before: " + story_of(*counterpart, entry),
           std::string(kStableKey));
  }
}

void Effects::broken(const Guarantee& guarantee, const std::string& what, std::string remedy) {
  const Entry& entry = entries_.back();
  Finding finding;
  finding.oracle = Oracle::effects;
  finding.what = fmt::format("\"{}\" {} (declared at {})", guarantee.kind, what,
                             oracle::place(guarantee.where));
  finding.remedy = std::move(remedy);
  finding.at = world_->clock().now();
  const Invocation* const invocation = world_->current();
  if (const durable::BodyCall* const body = invocation ? invocation->body() : nullptr) {
    finding.path = body->path;
    finding.operation = body->name.empty() ? body->path.to_string() : std::string(body->name);
  }
  finding.file = entry.place.file_name();
  finding.line = entry.place.line();
  world_->findings().add(std::move(finding));
  world_->announce_findings();
}

std::string Effects::maker_of(const Entry& entry) const {
  const std::string place = oracle::place(entry.place);
  if (entry.execution == 0) return fmt::format("the test at {}", place);
  if (entry.body_run == 0) return fmt::format("the handler at {}", place);
  if (entry.path.is_root())
    return fmt::format("function \"{}\"", world_->service().execution(entry.execution).function);
  return fmt::format(
      "{} at {}", oracle::named(durable::OperationType::step, entry.operation, entry.path), place);
}

std::string Effects::story_of(const Entry& first, const Entry& second) const {
  const bool one_maker = first.execution == second.execution && first.path == second.path &&
                         first.body_run != 0 && second.body_run != 0;
  std::string story =
      one_maker ? maker_of(second)
                : fmt::format("first by {}, then by {}", maker_of(first), maker_of(second));
  if (first.execution != second.execution && first.execution != 0 && second.execution != 0)
    story += fmt::format(" of execution {}", second.execution);
  if (one_maker && first.body_run == second.body_run) {
    story += " did so twice in one run of its body";
  } else if (one_maker) {
    story += fmt::format(" did so in invocation {} and again in invocation {}", first.invocation,
                         second.invocation);
  }
  if (first.key != second.key)
    story += fmt::format(", with the keys \"{}\" and \"{}\"", first.key, second.key);
  return story;
}

void Effects::check_at_end() {
  for (const Guarantee& guarantee : guarantees_) {
    if (guarantee.rule != Guarantee::Rule::exactly) continue;
    const std::size_t applied = count(guarantee.kind);
    if (applied >= guarantee.count || DURASIM_MUTANT(forgets_what_is_missing_at_the_end))
      continue;  // more is found when it happens
    Finding finding;
    finding.oracle = Oracle::effects;
    finding.what = fmt::format(
        "\"{}\" took effect {} times by the end of the run, but is declared to do so {} times "
        "(declared at {})",
        guarantee.kind, applied, guarantee.count, oracle::place(guarantee.where));
    finding.at = world_->clock().now();
    finding.file = guarantee.where.file_name();
    finding.line = guarantee.where.line();
    world_->findings().add(std::move(finding));
  }
}

}  // namespace durasim
