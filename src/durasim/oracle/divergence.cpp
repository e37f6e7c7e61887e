#include "durasim/oracle/divergence.hpp"

#include <fmt/format.h>

#include "durasim/oracle/wording.hpp"

namespace durasim::oracle {
namespace {

using Call = Divergence::Call;

/// Without its number, which is that of another operation in the other run.
std::string kind_and_name(const Call& call) {
  const std::string_view kind = word(call.type.value_or(durable::OperationType::step));
  return call.name.empty() ? fmt::format("a {} without a name", kind)
                           : fmt::format("{} \"{}\"", kind, call.name);
}

std::string place_of(const Call& call) { return place(call.file, call.line); }

bool same_place(const Call& a, const Call& b) { return a.line == b.line && a.file == b.file; }

std::string another_operation(const Divergence& divergence) {
  const Call& recorded = *divergence.expected.call;
  const Call& made = *divergence.actual.call;
  if (recorded.type == made.type && recorded.name == made.name) {
    return fmt::format(
        "{} is recorded with the sub-type {} at {}, but {} the handler made it with {} at {}",
        named(recorded), to_string(recorded.sub_type), place_of(recorded), on_replay(divergence),
        to_string(made.sub_type), place_of(made));
  }
  return fmt::format("operation {} is recorded as {} made at {}, but {} the handler made {} at {}",
                     recorded.path.to_string(), kind_and_name(recorded), place_of(recorded),
                     on_replay(divergence), kind_and_name(made), place_of(made));
}

std::string another_input(const Divergence& divergence) {
  const Call& recorded = *divergence.expected.call;
  const Call& made = *divergence.actual.call;
  if (divergence.input.empty()) {
    return fmt::format(
        "{} at {} is recorded with other inputs than those that the handler gave it {}",
        named(recorded), place_of(recorded), on_replay(divergence));
  }
  return fmt::format("{} at {} is recorded with the {} {}, but {} the handler made it with {}{}",
                     named(recorded), place_of(recorded), divergence.input,
                     divergence.expected.input, on_replay(divergence), divergence.actual.input,
                     same_place(recorded, made) ? "" : " at " + place_of(made));
}

std::string another_call(const Divergence& divergence) {
  const Call& recorded = *divergence.expected.call;
  const Call& made = *divergence.actual.call;
  if (same_place(recorded, made)) {
    return fmt::format(
        "{} at {} is recorded with another body than the one that the handler gave it {}",
        named(recorded), place_of(recorded), on_replay(divergence));
  }
  return fmt::format("{} is recorded as made at {}, but {} the handler made it at {}",
                     named(recorded), place_of(recorded), on_replay(divergence), place_of(made));
}

/// One that did not come, and what came instead of it.
std::string not_made(const Divergence& divergence, const std::string& instead) {
  const std::string others =
      divergence.unconsumed > 1 ? fmt::format(", nor {} more", divergence.unconsumed - 1) : "";
  const Call& recorded = *divergence.expected.call;
  if (!recorded.type) {
    return fmt::format("operation {} is recorded, but {} the handler did not make it{}: {}",
                       recorded.path.to_string(), on_replay(divergence), others, instead);
  }
  return fmt::format("{} at {} was made before, but {} the handler did not make it{}: {}",
                     named(recorded), place_of(recorded), on_replay(divergence), others, instead);
}

/// What a computed input should be computed from.
std::string advise_on(const Divergence& divergence) {
  const std::string& input = divergence.input;
  if (input.empty()) return "give the call the same inputs in every run of the handler";
  if (input == "payload" || input == "initial state") {
    return fmt::format(
        "make what is new in the {}, such as an id or a time, in a step and use its result: what "
        "the handler makes up by itself is another one on each replay",
        input);
  }
  const bool is_span = input == "duration" || input == "timeout" || input == "heartbeat timeout";
  return fmt::format(
      "let the {} follow from constants, the input, the results of steps{}: a clock, a random "
      "number, a counter or the environment gives another one on each replay",
      input, is_span ? " or ctx.execution().started_at" : "");
}

constexpr const char* kDecideByTheRecord =
    "decide which durable call comes next by the input and the results of steps only: make a step "
    "of what the handler decided by";

std::string advise_on_operation(const Divergence& divergence, bool made_later) {
  if (!divergence.expected.call) return kDecideByTheRecord;
  const Call& recorded = *divergence.expected.call;
  const Call& made = *divergence.actual.call;
  if (made_later) {
    return fmt::format(
        "the handler passed over {}: decide whether to make it by the input and the results of "
        "steps only",
        named(recorded));
  }
  if (same_place(recorded, made) && recorded.type == made.type && recorded.name != made.name) {
    return "build the name from constants, the input and the results of steps: a time, a random "
           "number or a counter in it is another one on each replay";
  }
  return kDecideByTheRecord;
}

}  // namespace

std::string_view on_replay(const Divergence& divergence) {
  return divergence.cold ? "on replay in a cold sandbox" : "on replay";
}

std::string named(const Call& call) {
  if (!call.type) return fmt::format("operation {}", call.path.to_string());
  return named(*call.type, call.name, call.path);
}

Call call_of(const TraceEvent& issued) {
  return {issued.path,
          issued.type,
          issued.sub_type,
          std::string(issued.name),
          issued.where.line() == 0 ? "" : issued.where.file_name(),
          issued.where.line()};
}

std::string sentence(const Divergence& divergence) {
  const auto& expected = divergence.expected;
  const auto& actual = divergence.actual;
  switch (divergence.kind) {
    case Divergence::Kind::another_operation:
      return another_operation(divergence);
    case Divergence::Kind::another_input:
      return another_input(divergence);
    case Divergence::Kind::another_call:
      return another_call(divergence);
    case Divergence::Kind::out_of_turn:
      return fmt::format(
          "{} was made out of its turn at {}: the durable calls of a context are numbered 1, 2, 3",
          named(*actual.call), place_of(*actual.call));
    case Divergence::Kind::extra_operation:
      return fmt::format("{} the handler made {} at {}, which it had not made before",
                         on_replay(divergence), named(*actual.call), place_of(*actual.call));
    case Divergence::Kind::missing_operation:
    case Divergence::Kind::early_end:
      return not_made(divergence, "it ended " + actual.end);
    case Divergence::Kind::unconsumed_operations:
      return not_made(divergence, fmt::format("{} ended {}", named(*actual.call), actual.end));
    case Divergence::Kind::another_end:
      break;
  }
  return fmt::format("{} the handler ended {}, but with the same record it had ended {}",
                     on_replay(divergence), actual.end, expected.end);
}

std::string advise(const Divergence& divergence, bool made_later) {
  if (divergence.cold) {
    return "use the results of steps for what a later invocation needs: keep in static and global "
           "variables only what every process makes alike, and read the outside in steps";
  }
  switch (divergence.kind) {
    case Divergence::Kind::another_operation:
      return advise_on_operation(divergence, made_later);
    case Divergence::Kind::another_input:
      return advise_on(divergence);
    case Divergence::Kind::another_call:
      if (made_later) return advise_on_operation(divergence, true);
      return "the two calls look alike to the service, which hands the result of one to the other: "
             "give each a name of its own, and decide between them by the input and the results of "
             "steps only";
    case Divergence::Kind::out_of_turn:
      return std::string(kDefectOfTheSdk);
    case Divergence::Kind::extra_operation:
      return "decide whether to make this call by the input and the results of steps only: make a "
             "step of what the handler decided by";
    case Divergence::Kind::missing_operation:
      return "make the same durable calls before the handler suspends, in every run of it: decide "
             "whether to make one by the input and the results of steps only";
    case Divergence::Kind::early_end:
    case Divergence::Kind::unconsumed_operations:
      if (divergence.actual.end.starts_with("FAILED"))
        return "let what may throw do so in a step, whose failure is recorded: an exception of "
               "the handler's own ends only those runs that it is thrown in";
      return "decide when to return by the input and the results of steps only: a replay that "
             "returns early leaves recorded operations behind";
    case Divergence::Kind::another_end:
      break;
  }
  if (divergence.actual.end.starts_with("SUCCEEDED") &&
      divergence.expected.end.starts_with("SUCCEEDED")) {
    return "make what is new in the result, such as an id or a time, in a step: what the handler "
           "makes up by itself is another one on each replay";
  }
  return "let what may throw do so in a step, whose failure is recorded, and decide how to end by "
         "the input and the results of steps only";
}

}  // namespace durasim::oracle
