#include "generators/program.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace generated {
namespace {

constexpr int kMostOperations = 8;
constexpr int kMostInside = 3;
constexpr int kDeepest = 2;  // contexts in contexts

std::string retry_text(const Operation& operation) {
  switch (operation.retry) {
    case Retry::none:
      return "no retry";
    case Retry::fixed:
      return fmt::format("retry::fixed({}, {}s)", operation.attempts, operation.interval);
    case Retry::standard:
      return "retry::standard()";
    case Retry::linear:
      return fmt::format("retry::linear({}, {}s, half jitter)", operation.attempts,
                         operation.interval);
    case Retry::filtered:
      return fmt::format("retry::exponential({}, {}s, only after attempt 1)", operation.attempts,
                         operation.interval);
  }
  return "";
}

std::string body_text(const Operation& operation) {
  std::string text;
  if (operation.effect) text += "effect(idempotency_key()); ";
  if (operation.failures > 0)
    text += fmt::format("if (attempt() <= {}) throw; ", operation.failures);
  switch (operation.returns) {
    case Returns::number:
      return text + fmt::format("return {} + f(input, results)", operation.operand);
    case Returns::text:
      return text + fmt::format("return text({} + f(input, results))", operation.operand);
    case Returns::nothing:
      return text + "return";
  }
  return text;
}

std::string answer_text(const Operation& operation) {
  switch (operation.answer) {
    case Answer::success:
      return fmt::format("answered with {} after {}s", operation.operand, operation.seconds);
    case Answer::failure:
      return fmt::format("failed after {}s", operation.seconds);
    case Answer::none:
      return fmt::format("{} after {}s", operation.heartbeat ? "without a heartbeat" : "timed out",
                         operation.seconds);
  }
  return "";
}

std::string fallback_text(const std::string& name, const Operation& operation) {
  return operation.caught ? fmt::format(" catch: step(\"{} fallback\")", name) : "";
}

/// Of those that are no steps.
std::string call_text(const std::string& name, const Operation& operation) {
  using Kind = Operation::Kind;
  switch (operation.kind) {
    case Kind::wait:
      return fmt::format("wait(\"{}\", {}s)", name, operation.seconds);
    case Kind::callback:
      if (!operation.submitted)
        return fmt::format("create_callback(\"{}\", {})", name, answer_text(operation));
      return fmt::format("wait_for_callback(\"{}\", {}{}, {})", name,
                         operation.failures == 0 ? ""
                                                 : fmt::format("submitter throws in the first {}, ",
                                                               operation.failures),
                         answer_text(operation), retry_text(operation));
    case Kind::invoke:
      return fmt::format("invoke(\"{}\", {} + f(results){})", name, operation.operand,
                         operation.answer == Answer::success ? "" : ", throws");
    case Kind::condition:
      return fmt::format("wait_for_condition(\"{}\", met by check {} of {}, {}s)", name,
                         operation.failures + 1, operation.attempts, operation.interval);
    case Kind::child:
      return fmt::format("{}child(\"{}\")", operation.is_virtual ? "virtual " : "", name);
    case Kind::retried:
      return fmt::format("with_retry(\"{}\", {} attempts {}s apart, throws in the first {})", name,
                         operation.attempts, operation.interval, operation.failures);
    case Kind::step:
    case Kind::loop:
      break;
  }
  return "";
}

std::string line_of(const std::string& name, const Operation& operation) {
  const bool is_step =
      operation.kind == Operation::Kind::step || operation.kind == Operation::Kind::loop;
  if (!is_step) {
    return call_text(name, operation) +
           (operation.kind == Operation::Kind::wait ? "" : fallback_text(name, operation));
  }
  const bool loop = operation.kind == Operation::Kind::loop;
  return fmt::format("{}step(\"{}\", {{ {} }}, {}, {}){}", loop ? "for each i of input: " : "",
                     loop ? name + "[i]" : name, body_text(operation), retry_text(operation),
                     operation.at_most_once ? "at most once" : "at least once",
                     fallback_text(name, operation));
}

void show(const std::vector<Operation>& operations, const std::string& around,
          const std::string& indent, std::ostream& out) {
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const std::string name = name_of(i, around);
    out << indent << line_of(name, operations[i]) << ";\n";
    show(operations[i].inside, name, indent + "  ", out);
  }
}

/// Puts `value` into `field` of a copy of `operation`, if that makes a difference.
template <class Field, class Value>
void add_with(std::vector<Operation>& simpler, const Operation& operation, Field field,
              Value value) {
  Operation other = operation;
  other.*field = value;
  if (!(other == operation)) simpler.push_back(other);
}

template <class T>
std::vector<std::vector<T>> shorter(const std::vector<T>& whole, std::size_t least);

std::vector<Operation> simpler_operations(const Operation& operation) {
  std::vector<Operation> simpler;
  if (!(operation == Operation{})) simpler.push_back({});
  add_with(simpler, operation, &Operation::kind, Operation::Kind::step);
  for (auto& inside : shorter(operation.inside, 0))
    add_with(simpler, operation, &Operation::inside, std::move(inside));
  for (std::size_t i = 0; i < operation.inside.size(); ++i) {
    for (const Operation& inner : simpler_operations(operation.inside[i])) {
      simpler.push_back(operation);
      simpler.back().inside[i] = inner;
    }
  }
  add_with(simpler, operation, &Operation::is_virtual, false);
  add_with(simpler, operation, &Operation::answer, Answer::success);
  add_with(simpler, operation, &Operation::submitted, false);
  add_with(simpler, operation, &Operation::heartbeat, false);
  add_with(simpler, operation, &Operation::at_most_once, false);
  add_with(simpler, operation, &Operation::retry, Retry::none);
  if (operation.retry > Retry::fixed) add_with(simpler, operation, &Operation::retry, Retry::fixed);
  add_with(simpler, operation, &Operation::attempts, 2U);
  add_with(simpler, operation, &Operation::interval, 1U);
  add_with(simpler, operation, &Operation::failures, 0U);
  if (operation.failures > 1)
    add_with(simpler, operation, &Operation::failures, operation.failures - 1);
  add_with(simpler, operation, &Operation::caught, false);
  add_with(simpler, operation, &Operation::effect, false);
  add_with(simpler, operation, &Operation::returns, Returns::number);
  add_with(simpler, operation, &Operation::operand, 0);
  for (const std::uint32_t seconds : {1U, 2U, operation.seconds / 2}) {
    if (seconds >= 1 && seconds < operation.seconds)
      add_with(simpler, operation, &Operation::seconds, seconds);
  }
  return simpler;
}

/// Lists without some of the elements, the shortest first, but with at least `least`.
template <class T>
std::vector<std::vector<T>> shorter(const std::vector<T>& whole, std::size_t least) {
  std::vector<std::vector<T>> results;
  for (std::size_t removed = whole.size() - std::min(least, whole.size()); removed > 0;
       removed /= 2) {
    for (std::size_t from = 0; from + removed <= whole.size(); ++from) {
      std::vector<T> rest = whole;
      const auto begin = rest.begin() + static_cast<std::ptrdiff_t>(from);
      rest.erase(begin, begin + static_cast<std::ptrdiff_t>(removed));
      results.push_back(std::move(rest));
    }
  }
  return results;
}

template <class T>
T one_of(std::initializer_list<std::pair<std::size_t, T>> weighted) {
  return *rc::gen::weightedElement<T>(weighted);
}

Operation::Kind draw_kind(int depth) {
  using Kind = Operation::Kind;
  const bool contexts = depth < kDeepest;
  return one_of<Kind>({{10, Kind::step},
                       {4, Kind::wait},
                       {1, Kind::loop},
                       {2, Kind::callback},
                       {2, Kind::invoke},
                       {2, Kind::condition},
                       {contexts ? 3U : 0U, Kind::child},
                       {contexts ? 1U : 0U, Kind::retried}});
}

Operation draw_operation(int depth) {
  using Kind = Operation::Kind;
  Operation operation;
  operation.kind = draw_kind(depth);
  if (operation.kind == Kind::wait || operation.kind == Kind::callback) {
    operation.seconds = one_of<bool>({{2, true}, {1, false}}) ? *rc::gen::inRange(1U, 120U)
                                                              : *rc::gen::inRange(1U, 7201U);
  }
  if (operation.kind == Kind::wait) return operation;
  if (operation.kind == Kind::child || operation.kind == Kind::retried) {
    const int count = *rc::gen::inRange(0, kMostInside + 1);
    for (int i = 0; i < count; ++i) operation.inside.push_back(draw_operation(depth + 1));
    operation.is_virtual = one_of<bool>({{1, true}, {3, false}});
  }
  operation.answer =
      one_of<Answer>({{4, Answer::success}, {1, Answer::failure}, {1, Answer::none}});
  operation.submitted = *rc::gen::arbitrary<bool>();
  operation.heartbeat = one_of<bool>({{1, true}, {2, false}});
  operation.at_most_once = *rc::gen::arbitrary<bool>();
  operation.retry = one_of<Retry>({{1, Retry::none},
                                   {3, Retry::fixed},
                                   {1, Retry::standard},
                                   {1, Retry::linear},
                                   {1, Retry::filtered}});
  operation.attempts = *rc::gen::inRange(2U, 4U);
  operation.interval = *rc::gen::inRange(1U, 6U);
  operation.failures = one_of<std::uint32_t>({{5, 0}, {2, 1}, {1, 2}, {1, 3}});
  operation.caught = one_of<bool>({{3, true}, {1, false}});
  operation.effect = *rc::gen::arbitrary<bool>();
  operation.returns =
      one_of<Returns>({{2, Returns::number}, {1, Returns::text}, {1, Returns::nothing}});
  operation.operand = *rc::gen::inRange(0, 100);
  return operation;
}

}  // namespace

std::string name_of(std::size_t index, const std::string& around) {
  return fmt::format("{}{}s{}", around, around.empty() ? "" : ".", index + 1);
}

std::size_t count(const std::vector<Operation>& operations) {
  std::size_t result = operations.size();
  for (const Operation& operation : operations) result += count(operation.inside);
  return result;
}

std::vector<Program> simpler_programs(const Program& program) {
  std::vector<Program> results;
  for (auto& operations : shorter(program.operations, 1))
    results.push_back({std::move(operations)});
  for (std::size_t i = 0; i < program.operations.size(); ++i) {
    for (const Operation& operation : simpler_operations(program.operations[i])) {
      Program& result = results.emplace_back(program);
      result.operations[i] = operation;
    }
  }
  return results;
}

std::vector<Input> simpler_inputs(const Input& input) {
  std::vector<Input> results = shorter(input, 0);
  for (std::size_t i = 0; i < input.size(); ++i) {
    if (input[i] == 0) continue;
    Input& result = results.emplace_back(input);
    result[i] = 0;
  }
  return results;
}

void showValue(const Program& program, std::ostream& out) {
  show(program.operations, "", "  ", out);
}

}  // namespace generated

rc::Gen<generated::Program> rc::Arbitrary<generated::Program>::arbitrary() {
  using generated::Program;
  return rc::gen::withSize([](int size) {
    if (size == 0) return rc::gen::just(Program{{{}}});
    const int most = std::min(generated::kMostOperations, 2 + size / 8);
    const auto drawn = rc::gen::exec([most] {
      Program program;
      const int count = *rc::gen::inRange(1, most + 1);
      for (int i = 0; i < count; ++i) program.operations.push_back(generated::draw_operation(0));
      return program;
    });
    // Shrinking works on the value: a smaller early draw would change the meaning of all later
    // ones.
    return rc::gen::shrink(rc::gen::noShrink(rc::gen::resize(rc::kNominalSize, drawn)),
                           [](const Program& program) {
                             return rc::seq::fromContainer(generated::simpler_programs(program));
                           });
  });
}
