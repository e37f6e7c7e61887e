#include "durasim/report/narrator.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <durasim/faults.hpp>

#include "durasim/core/duration_text.hpp"

namespace durasim {
namespace {

using Kind = TraceEvent::Kind;

/// How a choice is marked in files; the same in capitals begins its line.
std::string_view mark_of(ChoiceKind kind) {
  switch (kind) {
    case ChoiceKind::order:
      return "order";
    case ChoiceKind::environment:
      return "outside";
    default:
      return "fault";
  }
}

std::string_view label_of(ChoiceKind kind) {
  switch (kind) {
    case ChoiceKind::order:
      return "ORDER";
    case ChoiceKind::environment:
      return "OUTSIDE";
    default:
      return "FAULT";
  }
}

std::string_view margin_of(const ScheduleFile::Event& event) {
  if (event.mark.empty()) return "    ";
  return event.mark == "finding" ? "  !!" : "  >>";
}

constexpr std::size_t kLongest = 72;
constexpr std::size_t kLongestAtTheEnd = 300;  // what an execution has failed with says most

/// On one line, and cut between characters.
std::string shortened(std::string_view text, std::size_t longest) {
  const bool cut = text.size() > longest;
  std::size_t end = cut ? longest - 3 : text.size();
  while (cut && end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80) --end;
  std::string line(text.substr(0, end));
  std::replace_if(
      line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return cut ? line + "..." : line;
}

std::string operation(const TraceEvent& event) {
  return event.name.empty() ? fmt::format("operation {}", event.path.to_string())
                            : fmt::format("\"{}\"", event.name);
}

std::string place(const std::source_location& where) {
  const std::string_view file = where.file_name();
  return fmt::format("{}:{}", file.substr(file.rfind('/') + 1), where.line());
}

std::string outcome(const TraceEvent& event) {
  const bool last = event.kind == Kind::execution_ended;
  if (event.error)
    return fmt::format("{}: {}", event.error->type,
                       shortened(event.error->message, last ? kLongestAtTheEnd : kLongest));
  return shortened(event.payload.view(), kLongest);
}

/// In short: the finding has the whole sentence.
std::string misuse_text(const durable::Misuse& misuse) {
  if (misuse.name.empty()) return std::string(misuse.message);
  switch (misuse.kind) {
    case durable::Misuse::Kind::suspension_swallowed:
      return fmt::format("the unwinding of \"{}\" is swallowed", misuse.name);
    case durable::Misuse::Kind::terminated:
      return fmt::format("std::terminate in \"{}\"", misuse.name);
    case durable::Misuse::Kind::nested_call:
      return fmt::format("\"{}\" is called inside another operation", misuse.name);
    case durable::Misuse::Kind::outer_context:
    case durable::Misuse::Kind::ended_context:
      return fmt::format("\"{}\" is called on the context of another body", misuse.name);
    case durable::Misuse::Kind::foreign_context:
      return fmt::format("\"{}\" is called by other code than the context's handler", misuse.name);
  }
  return std::string(misuse.message);
}

/// What an event of the service's history says of an operation, in words; nullptr where other events tell.
const char* words_of(std::string_view event_type) {
  struct Words {
    std::string_view event_type;
    const char* words;
  };
  static constexpr Words kWords[] = {
      {"ContextStarted", "context {}: begins"},
      {"ContextSucceeded", "context {}: returns {}"},
      {"ContextFailed", "context {}: fails with {}"},
      {"CallbackStarted", "callback {}: is created"},
      {"CallbackSucceeded", "callback {}: is answered with {}"},
      {"CallbackFailed", "callback {}: is answered with the failure {}"},
      {"CallbackTimedOut", "callback {}: times out: {}"},
      {"ChainedInvokeStarted", "invoke {}: is asked for with {}"},
      {"ChainedInvokeSucceeded", "invoke {}: returns {}"},
      {"ChainedInvokeFailed", "invoke {}: fails with {}"},
      {"ChainedInvokeTimedOut", "invoke {}: its function has timed out"},
      {"ChainedInvokeStopped", "invoke {}: its function was stopped"}};
  for (const Words& known : kWords) {
    if (known.event_type == event_type) return known.words;
  }
  return nullptr;
}

}  // namespace

std::string Narrator::name_of(const TraceEvent& event) const {
  const Known* const known = find(event.execution, event.path);
  if (known != nullptr && !known->name.empty()) return fmt::format("\"{}\"", known->name);
  const Known* const context = find(event.execution, event.path.parent());
  if (context != nullptr && !context->name.empty() &&
      context->sub_type == durable::OperationSubType::wait_for_callback)
    return fmt::format("\"{}\"", context->name);
  return event.path.to_string();
}

const Narrator::Known* Narrator::find(std::uint32_t execution, durable::OperationPath path) const {
  const auto known = known_.find(Place{execution, path.index()});
  return known == known_.end() ? nullptr : &known->second;
}

/// What runs: of a step, of a condition, of the step that submits a callback, or a plain function.
std::string Narrator::body_of(const TraceEvent& event) const {
  using durable::OperationSubType;
  if (event.path.is_root()) return fmt::format("plain function {}", operation(event));
  const Known* const known = find(event.execution, event.path);
  if (known != nullptr && known->sub_type == OperationSubType::wait_for_condition)
    return fmt::format("condition {}: check", operation(event));
  const Known* const context = find(event.execution, event.path.parent());
  if (context != nullptr && context->sub_type == OperationSubType::wait_for_callback)
    return fmt::format("callback {}: submitter", name_of(event));
  return fmt::format("step {}: body", operation(event));
}

void Narrator::tell_history(const TraceEvent& event) {
  if (event.event_type == "InvocationCompleted")
    out_of_time_ = event.error && event.error->type == "Sandbox.Timedout";
  if (const char* const words = words_of(event.event_type)) {
    const bool nothing = !event.error && event.payload.view().empty();
    const char* const instead =
        event.event_type == "ContextSucceeded" ? "more than can be recorded" : "nothing";
    line(event, fmt::format(fmt::runtime(words), name_of(event),
                            nothing ? std::string(instead) : outcome(event)));
  } else {
    detail(event, fmt::format("service: {} {}", event.event_type, event.path.to_string()));
  }
}

/// What was accepted is told by what the service writes down.
void Narrator::tell_outside(const TraceEvent& event) {
  const bool heartbeat = event.name == "heartbeat";
  if (event.applied) {
    if (heartbeat) detail(event, fmt::format("callback {}: heartbeat", name_of(event)));
    return;
  }
  if (event.refusal == nullptr) return;
  line(event, fmt::format("callback {}: {} is refused: {}", name_of(event),
                          heartbeat ? "a heartbeat" : "an answer", event.refusal->code));
  events_.back().detail |= heartbeat;
}

std::string narrative(const std::vector<ScheduleFile::Event>& events, bool detailed) {
  const auto is_told = [&](const ScheduleFile::Event& event) { return detailed || !event.detail; };
  const bool several = std::ranges::any_of(events, [&](const ScheduleFile::Event& event) {
    return is_told(event) && event.execution > 1;
  });
  std::string text;
  for (const ScheduleFile::Event& event : events) {
    if (!is_told(event)) continue;
    std::string who = several && event.execution != 0 ? fmt::format("{}", event.execution) : "";
    if (event.invocation != 0) who += fmt::format("#{}", event.invocation);
    const Duration after(static_cast<Duration::rep>(event.at));
    text += fmt::format("{} {:>10}  {:<4} {}\n", margin_of(event), "+" + duration_text(after), who,
                        event.what);
  }
  return text;
}

void Narrator::line(const TraceEvent& event, std::string what, std::string_view mark) {
  if (is_before_start_) started_ = event.at;
  is_before_start_ = is_before_start_ && event.kind == Kind::choice &&
                     event.decision->site.kind == SiteKind::start;
  ScheduleFile::Event told;
  told.at = static_cast<std::uint64_t>((event.at - started_).count());
  told.execution = event.execution;
  told.invocation = event.invocation != 0 ? event.ordinal : 0;
  told.mark = mark;
  told.detail = found_;
  told.what = std::move(what);
  events_.push_back(std::move(told));
}

void Narrator::detail(const TraceEvent& event, std::string what) {
  line(event, std::move(what));
  events_.back().detail = true;
}

void Narrator::on(const TraceEvent& event) {
  if (event.shadow) return;
  switch (event.kind) {
    case Kind::execution_started:
      line(event, fmt::format("execution {} of {} starts", event.execution, event.name) +
                      (event.caller == 0 ? "" : fmt::format(", invoked by {}", event.caller)));
      break;
    case Kind::execution_ended:
      line(event, fmt::format("execution {} {}: {}", event.execution,
                              to_string(event.execution_status), outcome(event)));
      break;
    case Kind::choice:
      if (event.decision->answer != 0)
        line(event,
             fmt::format("{}: {}", label_of(event.decision->site.choice),
                         describe(event.decision->fault)),
             mark_of(event.decision->site.choice));
      break;
    case Kind::effect:
      line(event, fmt::format("effect \"{}\"{} {}", event.name,
                              event.key.empty() ? "" : fmt::format(" for key \"{}\"", event.key),
                              event.applied ? "takes effect" : "is recognised and not repeated"));
      break;
    case Kind::invocation_started:
    case Kind::invocation_ended:
      tell_invocation(event);
      break;
    case Kind::body_started:
    case Kind::body_ended:
    case Kind::operation_issued:
    case Kind::misuse:
      tell_operation(event);
      break;
    case Kind::request:
    case Kind::answer:
      tell_message(event);
      break;
    case Kind::finding:
      line(event, fmt::format("here the oracle {} is violated", event.name), "finding");
      found_ = true;
      break;
    case Kind::suspended:
      detail(event, fmt::format("suspends on operation {}", event.path.to_string()));
      break;
    case Kind::history:
      tell_history(event);
      break;
    case Kind::outside:
      tell_outside(event);
      break;
    default:
      break;
  }
}

void Narrator::tell_invocation(const TraceEvent& event) {
  if (event.kind == Kind::invocation_started) {
    std::size_t completed = 0;
    for (const auto& recorded : event.operations)
      completed += durable::is_terminal(recorded.status) ? 1 : 0;
    line(event, fmt::format("invocation starts: {} of {} recorded operation{} completed", completed,
                            event.operations.size(), event.operations.size() == 1 ? "" : "s"));
    return;
  }
  const std::string ending = outcome(event);
  if (event.outcome == durable::InvocationOutcome::Status::function_error) {
    line(event, fmt::format("invocation fails: {}", ending));
  } else if (event.ended_abnormally) {
    line(event,
         out_of_time_ ? "invocation is lost: it has reached its timeout" : "invocation is lost");
  } else {
    line(event, fmt::format("invocation ends: {}{}{}", to_string(event.outcome),
                            ending.empty() ? "" : " ", ending));
  }
}

void Narrator::tell_operation(const TraceEvent& event) {
  switch (event.kind) {
    case Kind::body_started:
      line(event,
           fmt::format("{} starts{}", body_of(event),
                       event.attempt > 1 ? fmt::format(" (attempt {})", event.attempt) : ""));
      break;
    case Kind::body_ended:
      line(event, fmt::format("{} {} {}", body_of(event), event.error ? "throws" : "returns",
                              outcome(event)));
      break;
    case Kind::operation_issued:
      known_.try_emplace(Place{event.execution, event.path.index()},
                         Known{std::string(event.name), event.sub_type});
      if (event.type == durable::OperationType::wait) {
        line(event, fmt::format("wait {}: {}", operation(event),
                                duration_text(std::chrono::seconds(event.inputs))));
      } else {
        detail(event, fmt::format("{} {} is called at {}", to_string(event.type), operation(event),
                                  place(event.where)));
      }
      break;
    default:
      line(event, fmt::format("misuse: {}", misuse_text(*event.misuse)));
      break;
  }
}

void Narrator::tell_message(const TraceEvent& event) {
  if (event.kind == Kind::request) {
    std::string what =
        event.attempt > 1 ? fmt::format("sends again ({}):", event.attempt) : std::string("sends:");
    for (const auto& update : event.updates) {
      what += fmt::format(" {} {}", to_string(update.action), update.path.to_string());
    }
    detail(event, std::move(what));
  } else {
    detail(event, event.refusal ? fmt::format("answer: {} {}", event.refusal->http_status,
                                              event.refusal->message)
                                : std::string("answer: applied"));
  }
}

}  // namespace durasim
