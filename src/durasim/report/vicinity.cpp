#include "durasim/report/vicinity.hpp"

#include <fmt/format.h>

namespace durasim {

std::string Vicinity::Call::describe() const {
  return fmt::format("{} at {}:{}", name, where.file_name(), where.line());
}

void Vicinity::on(const TraceEvent& event) {
  if (event.shadow || found_) return;
  if (event.kind == TraceEvent::Kind::finding) {
    found_ = true;
  } else if (event.kind == TraceEvent::Kind::operation_issued) {
    Call& call = calls_[{event.execution, event.path.index()}];
    call.name = event.name.empty() ? "operation " + event.path.to_string()
                                   : fmt::format("\"{}\"", event.name);
    call.where = event.where;
    last_ = &call;
  } else if (event.decision->answer != 0) {
    const Site& site = event.decision->site;
    const auto known = calls_.find({site.execution, site.path.index()});
    struck_ = known != calls_.end() ? &known->second : last_;
  }
}

std::string Vicinity::last_call() const {
  return last_ == nullptr ? "" : "after " + last_->describe();
}

std::string Vicinity::last_fault() const {
  if (struck_ == nullptr) return last_call();
  const std::string last =
      last_ == struck_ ? "" : fmt::format("; the last durable call was {}", last_->describe());
  return "the fault struck " + struck_->describe() + last;
}

}  // namespace durasim
