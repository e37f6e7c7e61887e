#include "tools/conformance/judge.hpp"

#include <exception>

#include <fmt/format.h>

namespace conformance {
namespace {

/// The result's value; the text itself where it is not JSON.
Json decoded(const std::string& result) {
  if (result.empty()) return nullptr;
  Json value = Json::parse(result, nullptr, false);
  return value.is_discarded() ? Json(result) : value;
}

std::string state_of(const Observation& seen) {
  return seen.error.empty() ? seen.status : fmt::format("{} ({})", seen.status, seen.error);
}

void judge_result(const ExpectedResult& expected, const Observation& seen, const Bindings& bindings,
                  Mismatches& mismatches) {
  if (seen.status != expected.status) {
    mismatches.push_back(
        fmt::format("status: expected {}, got {}", expected.status, state_of(seen)));
    return;
  }
  if (!expected.result || seen.status != "SUCCEEDED") return;
  const Json wanted = bindings.substitute(*expected.result);
  const Json actual = decoded(seen.result);
  if (!python_equal(wanted, actual))
    mismatches.push_back(fmt::format("result: expected {}, got {}", shown(wanted), shown(actual)));
}

std::string passed_detail(const Requirement& requirement, const Observation& seen) {
  if (!requirement.expects_anything()) {
    return fmt::format("nothing was expected; ended as {}{}", state_of(seen),
                       seen.result.empty() ? "" : " with " + shown(decoded(seen.result)));
  }
  const auto counted = [](std::size_t count, const char* what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
  };
  std::string text = counted(requirement.history.size(), "event");
  if (requirement.result) text += fmt::format(", {}", requirement.result->status);
  if (requirement.result && requirement.result->result) text += " with the expected result";
  if (!requirement.logs.empty()) text += ", " + counted(requirement.logs.size(), "log check");
  return text;
}

std::string failed_detail(const Mismatches& mismatches) {
  constexpr std::size_t kShown = 5;
  std::string text;
  for (std::size_t i = 0; i < mismatches.size() && i < kShown; ++i)
    text += (text.empty() ? "" : "; ") + mismatches[i];
  if (mismatches.size() > kShown) text += fmt::format("; {} more", mismatches.size() - kShown);
  return text;
}

std::vector<CallbackAction> substituted(std::vector<CallbackAction> actions,
                                        const Bindings& bindings) {
  for (CallbackAction& action : actions) {
    action.callback_name = bindings.substitute_text(action.callback_name);
    if (!action.payload) continue;
    action.payload = bindings.substitute(*action.payload);
    if (const auto name = unresolved(*action.payload))
      throw std::runtime_error(fmt::format("CallbackActions: no variable is called {}", *name));
  }
  return actions;
}

/// Throws what makes a run impossible.
void run(const Requirement& requirement, const Registration& registration, Outcome& outcome) {
  const Bindings bindings = resolve_variables(requirement.variables, requirement.id);
  const Json input = bindings.substitute(requirement.input);
  if (const auto name = unresolved(input))
    throw std::runtime_error(fmt::format("Input: no variable is called {}", *name));
  const Observation seen =
      observe(registration, input, substituted(requirement.callback_actions, bindings));
  const Mismatches mismatches = judge(requirement, seen, bindings);
  outcome.status = mismatches.empty() ? Status::passed : Status::failed;
  outcome.detail =
      mismatches.empty() ? passed_detail(requirement, seen) : failed_detail(mismatches);
}

}  // namespace

const char* to_string(Status status) {
  switch (status) {
    case Status::passed:
      return "PASSED";
    case Status::failed:
      return "FAILED";
    case Status::no_handler:
      return "NO_HANDLER";
  }
  return "FAILED";
}

Mismatches judge(const Requirement& requirement, const Observation& seen, Bindings bindings) {
  const Mismatches history = match_events(requirement.history, seen.events, bindings);
  Mismatches mismatches;  // first how it ended, which may explain the rest
  if (requirement.result) judge_result(*requirement.result, seen, bindings, mismatches);
  mismatches.insert(mismatches.end(), history.begin(), history.end());
  if (!requirement.expects_anything() && !seen.over)
    mismatches.push_back(fmt::format("the execution did not end: {}", seen.status));
  for (std::string& mismatch :
       match_logs(requirement.logs, log_records(seen.log_lines, seen.arn), bindings))
    mismatches.push_back(std::move(mismatch));
  for (const std::string& refusal : seen.refused)
    mismatches.push_back("the service refused an action: " + refusal);
  for (const std::string& finding : seen.findings)
    mismatches.push_back("the simulator found " + finding);
  return mismatches;
}

Outcome check(const Requirement& requirement) {
  Outcome outcome{
      .id = requirement.id, .suite = requirement.suite, .optional = requirement.optional};
  const Registration* const registration = find_handler(requirement.id);
  if (registration == nullptr) {
    outcome.status = Status::no_handler;
    outcome.detail = "no handler is registered for it";
    return outcome;
  }
  try {
    run(requirement, *registration, outcome);
  } catch (const std::exception& error) {
    outcome.status = Status::failed;
    outcome.detail = error.what();
  }
  if (outcome.optional && outcome.status == Status::failed)
    outcome.detail = "optional: " + outcome.detail;
  return outcome;
}

Outcome check_file(const std::filesystem::path& file) {
  try {
    return check(load_requirement(file));
  } catch (const std::exception& error) {
    return {file.stem().string(), file.parent_path().filename().string(), Status::failed,
            error.what()};
  }
}

}  // namespace conformance
