#include <durasim/effects.hpp>

#include <fmt/format.h>

#include "durable/model/mutant.hpp"
#include "durasim/sim/invocation.hpp"
#include "durasim/sim/world.hpp"

namespace durasim {

std::string Effects::apply_text(std::string_view kind, std::string_view key, std::string value,
                                const std::source_location& where) {
  const bool reaches_it = world_->reaches_the_outside();
  if (reaches_it) world_->before_effect();
  const Key* const known = find(kind, key);
  const bool applied = known == nullptr;
  std::string answer = applied ? std::move(value) : entries_[known->first].value;
  if (reaches_it) note(kind, key, answer, applied, where);
  return answer;
}

void Effects::record(std::string_view kind, std::string_view key,
                     const std::source_location& where) {
  if (!world_->reaches_the_outside()) return;
  world_->before_effect();
  note(kind, key, {}, true, where);
}

void Effects::note(std::string_view kind, std::string_view key, std::string_view value,
                   bool applied, const std::source_location& where) {
  auto of_kind = kinds_.find(kind);
  if (of_kind == kinds_.end()) of_kind = kinds_.emplace(kind, Kind{}).first;
  Kind& counts = of_kind->second;
  Key& of_key = counts.keys.try_emplace(std::string(key), Key{}).first->second;
  const std::size_t before = counts.applied > 0 ? counts.last_applied : kNone;
  const std::size_t same_key = of_key.applied > 0 ? of_key.first : kNone;
  ++counts.calls;
  ++of_key.calls;
  if (applied || DURASIM_MUTANT(counts_calls_as_applied)) {
    ++counts.applied;
    counts.last_applied = entries_.size();
    if (++of_key.applied == 1) of_key.first = entries_.size();
  }
  entries_.push_back(entry(kind, key, value, applied, where));
  world_->effect(kind, key, value, applied, where);
  for (const Guarantee& guarantee : guarantees_) {
    if (DURASIM_MUTANT(forgets_the_first_declaration) && &guarantee == guarantees_.data()) continue;
    if (guarantee.kind == kind) check(guarantee, by_key(guarantee) ? same_key : before);
  }
}

Effects::Entry Effects::entry(std::string_view kind, std::string_view key, std::string_view value,
                              bool applied, const std::source_location& where) const {
  Entry entry{std::string(kind), std::string(key), std::string(value), applied};
  entry.at = world_->clock().now();
  entry.place = where;
  const Invocation* const by = world_->current();
  if (by == nullptr) return entry;
  entry.execution = by->execution();
  entry.invocation = by->ordinal();
  if (const durable::BodyCall* const body = by->body()) {
    entry.path = body->path;
    entry.operation = body->name;
    entry.body_run = by->body_run();
    entry.place = body->where;
  }
  return entry;
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

std::size_t Effects::calls(std::string_view kind) const {
  const auto of_kind = kinds_.find(kind);
  return of_kind == kinds_.end() ? 0 : of_kind->second.calls;
}

std::size_t Effects::calls(std::string_view kind, std::string_view key) const {
  const Key* const of_key = find(kind, key);
  return of_key == nullptr ? 0 : of_key->calls;
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
  invocation->dies_at_effect = true;
  invocation->engine().die();
}

bool World::reaches_the_outside() const {
  if (in_shadow_) return false;
  if (current_ == nullptr || current_->body() == nullptr || DURASIM_MUTANT(lets_the_dead_act))
    return true;
  const durable::Engine& engine = current_->engine();
  return !(engine.unwinding() && engine.state() == durable::Engine::State::dead);
}

void World::effect(std::string_view kind, std::string_view key, std::string_view value,
                   bool applied, const std::source_location& where) {
  TraceEvent event;
  event.kind = TraceEvent::Kind::effect;
  if (current_ != nullptr) {
    event = current_->event(TraceEvent::Kind::effect);
    event.in_body = current_->body() != nullptr;
    event.unwinding =
        current_->engine().unwinding() && !DURASIM_MUTANT(takes_unwinding_for_ordinary);
    event.where = where;
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
