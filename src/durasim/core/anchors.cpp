#include "durasim/core/anchors.hpp"

namespace durasim {
namespace {

std::uint64_t key_of(std::uint32_t execution, durable::OperationPath path) {
  return std::uint64_t{execution} << 32U | path.index();
}

}  // namespace

void Anchors::on(const TraceEvent& event) {
  if (event.shadow) return;
  if (event.kind == TraceEvent::Kind::operation_issued) {
    add(event.execution, event.path, event.name);
  } else if (event.kind == TraceEvent::Kind::choice) {
    const Decision& decision = *event.decision;
    meetings_.push_back({decision.site, decision.offered, decision.fault});
  }
}

void Anchors::add(std::uint32_t execution, durable::OperationPath path, std::string_view name) {
  if (!by_path_.emplace(key_of(execution, path), operations_.size()).second) return;  // a replay
  std::string text(name);
  const std::uint32_t number = ++of_name_[{execution, text}];
  operations_.push_back({execution, path, std::move(text), number});
}

const NamedOperation* Anchors::find(std::uint32_t execution, durable::OperationPath path) const {
  const auto found = by_path_.find(key_of(execution, path));
  return found == by_path_.end() ? nullptr : &operations_[found->second];
}

Script::Line Anchors::line(std::size_t position, Fault fault) const {
  const Site& site = meetings_[position].site;
  Script::Line line;
  line.fault = fault;
  line.execution = site.execution;
  line.occurrence = site.occurrence;
  const NamedOperation* operation = find(site.execution, site.path);
  if (operation != nullptr && !operation->name.empty()) {
    line.operation = operation->name;
    line.number = operation->number;
  } else {
    line.path = site.path;
  }
  for (std::size_t i = 0; i < position; ++i) {
    line.time += meetings_[i].site == site && meetings_[i].offered.contains(fault) ? 1 : 0;
  }
  return line;
}

Script Anchors::script() const {
  Script script;
  for (std::size_t i = 0; i < meetings_.size(); ++i) {
    const Fault fault = meetings_[i].fault;
    if (fault != Fault::none) script.lines.push_back(line(i, fault));
  }
  return script;
}

}  // namespace durasim
