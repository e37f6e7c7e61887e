#include <durasim/effects.hpp>

#include <fmt/format.h>

#include "durable/model/mutant.hpp"
#include "durasim/sim/invocation.hpp"
#include "durasim/sim/world.hpp"

namespace durasim {

std::string Effects::apply_text(std::string_view kind, std::string_view key, std::string value) {
  if (!world_->in_shadow()) world_->before_effect();
  const Key* const known = find(kind, key);
  std::string answer = known ? entries_[known->first].value : std::move(value);
  if (!world_->in_shadow()) note(kind, key, answer, known == nullptr);
  return answer;
}

void Effects::record(std::string_view kind, std::string_view key) {
  if (world_->in_shadow()) return;
  world_->before_effect();
  note(kind, key, {}, true);
}

void Effects::note(std::string_view kind, std::string_view key, std::string_view value,
                   bool applied) {
  auto of_kind = kinds_.find(kind);
  if (of_kind == kinds_.end()) of_kind = kinds_.emplace(kind, Kind{}).first;
  ++of_kind->second.attempts;
  if (applied) {
    ++of_kind->second.applied;
    const auto of_key = of_kind->second.keys.try_emplace(std::string(key), Key{0, entries_.size()});
    ++of_key.first->second.applied;
  }
  const Invocation* const by = world_->current();
  entries_.push_back({std::string(kind), std::string(key), std::string(value), applied,
                      by != nullptr ? by->execution() : 0, world_->clock().now()});
  world_->effect(kind, key, value, applied);
  if (!applied) return;
  for (const Guarantee& guarantee : guarantees_) {
    if (DURASIM_MUTANT(forgets_the_first_declaration) && &guarantee == guarantees_.data()) continue;
    if (guarantee.kind == kind) check(guarantee, key);
  }
}

const Effects::Key* Effects::find(std::string_view kind, std::string_view key) const {
  const auto of_kind = kinds_.find(kind);
  if (of_kind == kinds_.end()) return nullptr;
  const auto of_key = of_kind->second.keys.find(key);
  return of_key == of_kind->second.keys.end() ? nullptr : &of_key->second;
}

std::size_t Effects::count(std::string_view kind) const {
  const auto of_kind = kinds_.find(kind);
  return of_kind == kinds_.end() ? 0 : of_kind->second.applied;
}

std::size_t Effects::count(std::string_view kind, std::string_view key) const {
  const Key* const of_key = find(kind, key);
  return of_key == nullptr ? 0 : of_key->applied;
}

std::size_t Effects::attempts(std::string_view kind) const {
  const auto of_kind = kinds_.find(kind);
  return of_kind == kinds_.end() ? 0 : of_kind->second.attempts;
}

void Effects::at_most(std::size_t limit, std::string_view kind) {
  guarantees_.push_back({Guarantee::Rule::at_most, limit, std::string(kind)});
}

void Effects::exactly(std::size_t count, std::string_view kind) {
  guarantees_.push_back({Guarantee::Rule::exactly, count, std::string(kind)});
}

void Effects::once_per_key(std::string_view kind) {
  guarantees_.push_back({Guarantee::Rule::once_per_key, 1, std::string(kind)});
}

void Effects::check(const Guarantee& guarantee, std::string_view key) {
  const bool by_key = guarantee.rule == Guarantee::Rule::once_per_key;
  const std::size_t times = by_key ? count(guarantee.kind, key) : count(guarantee.kind);
  if (times <= guarantee.count) return;
  Finding finding;
  finding.oracle = Oracle::effects;
  finding.what =
      by_key ? fmt::format(
                   "\"{}\" took effect {} times for the key \"{}\", but is declared to do so once "
                   "per key",
                   guarantee.kind, times, key)
             : fmt::format(
                   "\"{}\" took effect {} times, but is declared to do so {} {}", guarantee.kind,
                   times, guarantee.rule == Guarantee::Rule::exactly ? "exactly" : "at most",
                   guarantee.count == 1 ? "once" : fmt::format("{} times", guarantee.count));
  const Invocation* const invocation = world_->current();
  const durable::BodyCall* const body = invocation != nullptr ? invocation->body() : nullptr;
  const bool plain = body != nullptr && body->path.is_root();
  finding.remedy =
      plain
          ? "a plain function runs again from its beginning when it is interrupted: have its "
            "caller send a key in the payload, and give that to the receiver"
          : "a step's body runs again when it is interrupted: give StepContext::idempotency_key() "
            "to the receiver, or make the step at_most_once_per_retry and handle "
            "StepInterruptedError";
  finding.at = world_->clock().now();
  if (body != nullptr) {
    finding.path = body->path;
    finding.operation = body->name.empty() ? body->path.to_string() : std::string(body->name);
    finding.file = body->where.file_name();
    finding.line = body->where.line();
  }
  world_->findings().add(std::move(finding));
  world_->announce_findings();
}

void Effects::check_at_end() {
  for (const Guarantee& guarantee : guarantees_) {
    if (guarantee.rule != Guarantee::Rule::exactly) continue;
    const std::size_t times = count(guarantee.kind);
    if (times >= guarantee.count || DURASIM_MUTANT(forgets_what_is_missing_at_the_end))
      continue;  // more is found when it happens
    world_->report(
        Oracle::effects,
        fmt::format(
            "\"{}\" took effect {} times by the end of the run, but is declared to do so {} times",
            guarantee.kind, times, guarantee.count));
  }
}

void World::before_effect() {
  Invocation* invocation = current_;
  if (invocation == nullptr || invocation->body() == nullptr || given_ != nullptr) return;
  if (invocation->engine().unwinding()) return;
  Menu menu(options_.faults);
  const durable::BodyCall& body = *invocation->body();
  const std::uint32_t which = invocation->next_effect();
  if (invocation->is_current()) {
    menu.offer(Fault::crash_at_effect);
    // Before the first one it is crash_before_body_start_delivered.
    if (body.start_queued && which > 1) menu.offer(Fault::crash_at_effect_start_delivered);
  }
  const Fault fault =
      choose(SiteKind::effect, ChoiceKind::fault, invocation->execution(), body.path, which, menu);
  if (fault == Fault::none) return;
  if (fault == Fault::crash_at_effect_start_delivered) invocation->send_queued();
  invocation->engine().die();
}

void World::effect(std::string_view kind, std::string_view key, std::string_view value,
                   bool applied) {
  TraceEvent event;
  event.kind = TraceEvent::Kind::effect;
  if (current_ != nullptr) {
    event = current_->event(TraceEvent::Kind::effect);
    event.in_body = current_->body() != nullptr;
    event.unwinding = current_->engine().unwinding();
    if (const durable::BodyCall* body = current_->body()) {
      event.path = body->path;
      event.where = body->where;
    }
  }
  event.name = kind;
  event.key = key;
  event.payload = durable::Text(value);
  event.applied = applied;
  timeline_.push_back(
      {event.execution, static_cast<std::uint32_t>(effects_.entries_.size() - 1), true});
  emit(event);
}

}  // namespace durasim
