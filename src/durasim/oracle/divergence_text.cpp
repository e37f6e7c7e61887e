#include <array>
#include <tuple>

#include <fmt/format.h>

#include <durasim/divergence.hpp>

#include "durasim/oracle/divergence.hpp"
#include "durasim/oracle/wording.hpp"

/// How a divergence is told in reports.
namespace durasim {
namespace {

// In the order of their declaration.
constexpr std::array<std::string_view, kDivergenceKindCount> kKinds = {
    "another_operation", "another_input", "another_call",          "out_of_turn", "extra_operation",
    "missing_operation", "early_end",     "unconsumed_operations", "another_end"};

using oracle::named;

std::string made_at(const Divergence::Call& call, std::string_view how = "made") {
  return call.line == 0 ? "" : fmt::format(", {} at {}", how, oracle::place(call.file, call.line));
}

/// Otherwise it goes without saying, or both sides are not in the same place.
bool differ_in_sub_type_only(const Divergence& divergence) {
  if (divergence.kind != Divergence::Kind::another_operation) return false;
  const auto& [expected, actual] = std::tie(divergence.expected.call, divergence.actual.call);
  return expected && actual && expected->type == actual->type && expected->name == actual->name;
}

std::string side_text(const Divergence& divergence, const Divergence::Side& side) {
  if (!side.call) {
    return side.end.empty() ? "nothing is known of it"
                            : fmt::format("the handler ended {}", side.end);
  }
  if (!side.input.empty()) {
    return fmt::format("{} {}{}", divergence.input, side.input, made_at(*side.call, "given"));
  }
  std::string text = named(*side.call);
  if (!side.end.empty()) text += " ended " + side.end;
  if (differ_in_sub_type_only(divergence))
    text += fmt::format(" of sub-type {}", to_string(side.call->sub_type));
  return text + made_at(*side.call);
}

std::string position(const Divergence& divergence) {
  std::string text;
  if (divergence.kind == Divergence::Kind::another_end) {
    text =
        fmt::format("the end{}, after durable call {}",
                    divergence.path.is_root() ? "" : " of operation " + divergence.path.to_string(),
                    divergence.ordinal - 1);
  } else {
    text = fmt::format("durable call {}", divergence.ordinal);
  }
  text += fmt::format(" of the {} invocation {}",
                      divergence.cold     ? "replay in a cold sandbox after"
                      : divergence.shadow ? "shadow replay after"
                                          : "replay by",
                      divergence.invocation);
  if (divergence.execution > 1) text += fmt::format(" of execution {}", divergence.execution);
  if (!divergence.last_agreeing) return text + "; no durable call agreed before it";
  return text + "; the last that agreed is " + divergence.last_agreeing->describe();
}

/// What a run did, after the words that say which run.
std::string what_it_did(const Divergence& divergence) {
  switch (divergence.kind) {
    case Divergence::Kind::another_operation:
      return "the handler made another durable call than the recorded one";
    case Divergence::Kind::another_input:
      return fmt::format(
          "the handler made {} with another {} than the recorded one",
          divergence.actual.call ? named(*divergence.actual.call) : std::string("a durable call"),
          divergence.input.empty() ? "input" : divergence.input);
    case Divergence::Kind::another_call:
      return "the handler made a durable call that only looks like the recorded one";
    case Divergence::Kind::out_of_turn:
      return "the handler made a durable call that is not numbered as the next one";
    case Divergence::Kind::extra_operation:
      return "the handler made a durable call that it had not made before";
    case Divergence::Kind::missing_operation:
      return "the handler did not make a durable call that it had made before";
    case Divergence::Kind::early_end:
      return fmt::format("the handler ended without {} that it had made before",
                         divergence.unconsumed == 1
                             ? std::string("a durable call")
                             : fmt::format("{} durable calls", divergence.unconsumed));
    case Divergence::Kind::unconsumed_operations:
      return "the body of a context ended without durable calls that are recorded in it";
    case Divergence::Kind::another_end:
      return "the handler made the same durable calls, but did not end as before";
  }
  return "";
}

}  // namespace

namespace oracle {

std::string headline(const Divergence& divergence) {
  return fmt::format("{} {}", on_replay(divergence), what_it_did(divergence));
}

}  // namespace oracle

std::string_view to_string(Divergence::Kind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

std::string Divergence::Call::describe() const { return named(*this) + made_at(*this); }

std::string Divergence::to_text() const {
  return fmt::format("expected {}\nactual   {}\nposition {}\n", side_text(*this, expected),
                     side_text(*this, actual), position(*this));
}

}  // namespace durasim
