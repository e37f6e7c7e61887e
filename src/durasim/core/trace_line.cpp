#include "durasim/core/trace_line.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include <durasim/schedule.hpp>

namespace durasim {
namespace {

// In the order of their declaration.
constexpr std::array<std::string_view, 22> kEventKindIds = {"execution_started",
                                                            "execution_ended",
                                                            "invocation_started",
                                                            "invocation_ended",
                                                            "response_ignored",
                                                            "replay_started",
                                                            "replay_ended",
                                                            "request",
                                                            "answer",
                                                            "operation_issued",
                                                            "value_returned",
                                                            "error_thrown",
                                                            "body_started",
                                                            "body_ended",
                                                            "effect",
                                                            "suspended",
                                                            "unwinding",
                                                            "misuse",
                                                            "choice",
                                                            "timer_fired",
                                                            "outside",
                                                            "history"};
static_assert(kEventKindIds.size() == static_cast<std::size_t>(TraceEvent::Kind::history) + 1);

/// Errors whose names are ours. The name of any other type is the compiler's.
constexpr std::array<std::string_view, 17> kSdkErrors = {"Runtime.ExitError",
                                                         "Sandbox.Timedout",
                                                         "StepError",
                                                         "StepInterruptedError",
                                                         "SerDesError",
                                                         "ValidationError",
                                                         "NonDeterministicExecutionError",
                                                         "InvokeError",
                                                         "CallbackError",
                                                         "CallbackExternalError",
                                                         "CallbackTimeoutError",
                                                         "CallbackSubmitterError",
                                                         "ChildContextError",
                                                         "WaitForConditionError",
                                                         "Callback.Timeout",
                                                         "Callback.Heartbeat",
                                                         "RetryStrategyError"};

constexpr std::pair<bool TraceEvent::*, std::string_view> kTraceFlags[] = {
    {&TraceEvent::applied, "applied"},
    {&TraceEvent::in_body, "in_body"},
    {&TraceEvent::start_queued, "start_queued"},
    {&TraceEvent::ended_abnormally, "ended_abnormally"},
    {&TraceEvent::superseded, "superseded"},
    {&TraceEvent::execution_over, "execution_over"}};

std::string_view semantics_id(durable::StepSemantics semantics) {
  return semantics == durable::StepSemantics::at_least_once_per_retry ? "at_least_once"
                                                                      : "at_most_once";
}

std::string_view misuse_id(durable::Misuse::Kind kind) {
  switch (kind) {
    case durable::Misuse::Kind::suspension_swallowed:
      return "suspension_swallowed";
    case durable::Misuse::Kind::terminated:
      return "terminated";
    case durable::Misuse::Kind::nested_call:
      return "nested_call";
    case durable::Misuse::Kind::outer_context:
      return "outer_context";
    case durable::Misuse::Kind::ended_context:
      return "ended_context";
    case durable::Misuse::Kind::foreign_context:
      return "foreign_context";
  }
  return "?";
}

/// Appends fields to a line, each after a space.
class TraceLine {
 public:
  explicit TraceLine(std::string& out) : out_(out) {}

  void word(std::string_view text) {
    out_ += ' ';
    out_ += text.empty() ? "-" : text;
  }

  template <class Number>
  void number(Number value) {
    fmt::format_to(std::back_inserter(out_), " {}", value);
  }

  void path(durable::OperationPath path) { word(path.to_string()); }

  void quoted(std::string_view text) {
    out_ += " \"";
    for (const char character : text) {
      if (character == '"' || character == '\\') out_ += '\\';
      on_one_line(character);
    }
    out_ += '"';
  }

  /// Payloads are JSON and shown as they are: "absent", "empty" and escapes between tokens are not
  /// JSON.
  void payload(const durable::Text& text) {
    if (!text.present()) return word("absent");
    if (text.view().empty()) return word("empty");
    out_ += ' ';
    for (const char character : text.view()) on_one_line(character);
  }

  void error(const durable::ErrorPtr& error) {
    if (!error) return word("-");
    const bool ours =
        std::find(kSdkErrors.begin(), kSdkErrors.end(), error->type) != kSdkErrors.end();
    word(ours ? std::string_view(error->type) : "user");
  }

  void operation(const durable::Operation& operation) {
    word("[");
    path(operation.path);
    word(to_string(operation.status));
    number(operation.attempt);
    payload(operation.result);
    error(operation.error);
    word("]");
  }

  void update(const durable::OperationUpdate& update) {
    word("[");
    path(update.path);
    word(to_string(update.action));
    word(to_string(update.type));
    word(to_string(update.sub_type));
    quoted(update.name.view());
    payload(update.payload);
    error(update.error);
    number(update.delay.count());
    word("]");
  }

 private:
  void on_one_line(char character) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte >= 0x20) {
      out_ += character;
    } else {
      fmt::format_to(std::back_inserter(out_), "\\u{:04x}", byte);
    }
  }

  std::string& out_;
};

void write_outcome(TraceLine& line, std::string_view status, const TraceEvent& event) {
  line.word(status);
  line.payload(event.payload);
  line.error(event.error);
}

void write_started(TraceLine& line, const TraceEvent& event) {
  line.payload(event.payload);
  if (event.caller == 0) return;
  line.word("by");
  line.number(event.caller);
  line.path(event.path);
}

void write_answer(TraceLine& line, const TraceEvent& event) {
  if (event.refusal == nullptr) {
    line.word("ok");
  } else {
    line.number(event.refusal->http_status);
    line.word(event.refusal->code);
  }
  for (const durable::Operation& operation : event.operations) line.operation(operation);
}

void write_issued(TraceLine& line, const TraceEvent& event) {
  line.path(event.path);
  line.word(to_string(event.type));
  line.word(to_string(event.sub_type));
  line.quoted(event.name);
  line.number(event.inputs);
}

void write_body_started(TraceLine& line, const TraceEvent& event) {
  line.path(event.path);
  line.quoted(event.name);
  line.number(event.attempt);
  line.number(event.max_attempts);
  line.word(semantics_id(event.semantics));
}

void write_body_ended(TraceLine& line, const TraceEvent& event) {
  line.path(event.path);
  line.number(event.attempt);
  line.payload(event.payload);
  line.error(event.error);
}

void write_effect(TraceLine& line, const TraceEvent& event) {
  line.quoted(event.name);
  line.quoted(event.key);
  line.payload(event.payload);
  if (event.unwinding) line.word("unwinding");
}

void write_misuse(TraceLine& line, const durable::Misuse& misuse) {
  line.word(misuse_id(misuse.kind));
  line.path(misuse.path);
  line.quoted(misuse.name);
}

void write_choice(TraceLine& line, const Decision& decision) {
  line.word(identify(decision.site));
  line.word("takes");
  line.number(decision.answer);
  line.word("of");
  line.number(decision.bound);
  line.word(to_string(decision.fault));
}

void write_history(TraceLine& line, const TraceEvent& event) {
  line.word(event.event_type);
  line.path(event.path);
  line.number(event.attempt);
  line.payload(event.payload);
  line.error(event.error);
}

/// What applies to the kind, except flags.
void write_fields(TraceLine& line, const TraceEvent& event) {
  using Kind = TraceEvent::Kind;
  switch (event.kind) {
    case Kind::execution_started:
      return write_started(line, event);
    case Kind::execution_ended:
      return write_outcome(line, to_string(event.execution_status), event);
    case Kind::invocation_started:
      for (const durable::Operation& operation : event.operations) line.operation(operation);
      return;
    // Not the record: answers and the service's history have said it all.
    case Kind::invocation_ended:
    case Kind::replay_ended:
      return write_outcome(line, to_string(event.outcome), event);
    case Kind::request:
      line.number(event.attempt);
      for (const durable::OperationUpdate& update : event.updates) line.update(update);
      return;
    case Kind::answer:
      return write_answer(line, event);
    case Kind::operation_issued:
      return write_issued(line, event);
    case Kind::value_returned:
      line.path(event.path);
      return line.payload(event.payload);
    case Kind::error_thrown:
      line.path(event.path);
      return line.error(event.error);
    case Kind::body_started:
      return write_body_started(line, event);
    case Kind::body_ended:
      return write_body_ended(line, event);
    case Kind::effect:
      return write_effect(line, event);
    case Kind::suspended:
      return line.path(event.path);
    case Kind::misuse:
      return write_misuse(line, *event.misuse);
    case Kind::choice:
      return write_choice(line, *event.decision);
    case Kind::timer_fired:
      line.path(event.path);
      return line.number(event.due.time_since_epoch().count());
    case Kind::outside:
      line.path(event.path);
      return write_outcome(line, event.name, event);
    case Kind::history:
      return write_history(line, event);
    case Kind::response_ignored:
    case Kind::replay_started:
    case Kind::finding:
      return;
    case Kind::unwinding:
      return line.word(event.unwinding ? "begins" : "ends");
  }
}

}  // namespace

void append_trace_line(std::string& out, const TraceEvent& event, std::uint32_t invocation) {
  fmt::format_to(std::back_inserter(out), "{} e{} i{} {}", event.at.time_since_epoch().count(),
                 event.execution, invocation,
                 kEventKindIds.at(static_cast<std::size_t>(event.kind)));
  TraceLine line(out);
  write_fields(line, event);
  for (const auto& [flag, id] : kTraceFlags) {
    if (event.*flag) line.word(id);
  }
  out += '\n';
}

}  // namespace durasim
