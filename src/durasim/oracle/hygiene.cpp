#include <fmt/format.h>

#include "durable/model/mutant.hpp"
#include "durasim/oracle/wording.hpp"

/// hygiene: what no handler should do, whether or not it does harm in this run.
/// Source: docs/reference/oracles.md
namespace durasim {
namespace {

using durable::Misuse;

std::string_view remedy_for(Misuse::Kind kind) {
  switch (kind) {
    case Misuse::Kind::suspension_swallowed:
      return "let it pass: catch (const std::exception&) instead of catch (...), or rethrow";
    case Misuse::Kind::terminated:
      return "make the durable call outside destructors and noexcept functions";
    case Misuse::Kind::nested_call:
      return "make the durable call in the handler itself, before or after that operation";
    case Misuse::Kind::outer_context:
    case Misuse::Kind::ended_context:
      return "use the Context that the running body is given, and keep none beyond its body";
    case Misuse::Kind::foreign_context:
      return "make each durable call in the handler that was given the Context, on its own thread";
  }
  return "";
}

std::string_view why_for(Misuse::Kind kind) {
  switch (kind) {
    case Misuse::Kind::suspension_swallowed:
      return "an invocation that has to wait ends by unwinding the handler's stack; a handler that "
             "stops this goes on as if the wait were over";
    case Misuse::Kind::terminated:
      return "an invocation that has to wait ends by unwinding the handler's stack, which ends the "
             "process where nothing may be thrown";
    case Misuse::Kind::nested_call:
      return "a body is recorded as a whole: once it is, no replay runs it, and the calls inside "
             "it "
             "are missing";
    case Misuse::Kind::outer_context:
    case Misuse::Kind::ended_context:
      return "a context numbers the calls of its own body: others change those numbers, and are "
             "missing when a replay does not run the body";
    case Misuse::Kind::foreign_context:
      return "a handler's calls are numbered in the order in which it makes them, and only the "
             "handler's own stack can be suspended";
  }
  return "";
}

/// Without the advice of the SDK, which the remedy gives.
std::string_view without_advice(std::string_view message) {
  return message.substr(0, message.rfind("; "));
}

/// The sentence of the SDK, with the operation and the places that it does not name.
std::string sentence(const Misuse& misuse) {
  std::string what(without_advice(misuse.message));
  const std::string where = oracle::place(misuse.where);
  if (misuse.where.line() == 0) {  // before the first durable call
    what = fmt::format("the handler: {}", what);
  } else if (what.find(where) == std::string::npos) {
    what = fmt::format("durable call {}(operation {}) at {}: {}",
                       misuse.name.empty() ? std::string() : fmt::format("\"{}\" ", misuse.name),
                       misuse.path.to_string(), where, what);
  }
  if (misuse.next.line() != 0) what += fmt::format(" at {}", oracle::place(misuse.next));
  return what;
}

class Hygiene final : public Monitor {
 public:
  explicit Hygiene(Findings& findings) : findings_(findings) {}

  EventKinds interests() const override {
    using enum TraceEvent::Kind;
    return {misuse};
  }

  void on(const TraceEvent& event) override {
    if (event.kind != TraceEvent::Kind::misuse || event.misuse == nullptr || event.shadow) return;
    const Misuse& misuse = *event.misuse;
    if (DURASIM_MUTANT(hygiene_allows_nested_calls) && misuse.kind == Misuse::Kind::nested_call)
      return;
    TraceEvent about;
    about.at = event.at;
    about.path = misuse.path;
    about.where = misuse.where;
    Finding finding = oracle::concerning(Oracle::hygiene, about, misuse.name);
    finding.what = sentence(misuse);
    finding.remedy = remedy_for(misuse.kind);
    finding.why = why_for(misuse.kind);
    findings_.add(std::move(finding));
  }

 private:
  Findings& findings_;
};

}  // namespace

std::unique_ptr<Monitor> make_hygiene(Findings& findings) {
  return std::make_unique<Hygiene>(findings);
}

}  // namespace durasim
