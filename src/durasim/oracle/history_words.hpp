#pragma once

#include <cstdint>
#include <string_view>

/// What the names of history events mean: "StepStarted" is of a step, which started.
/// Source: docs/reference/protocol.md#history
namespace durasim::oracle {

struct HistoryWord {
  enum class Of : std::uint8_t {
    unknown,
    execution,
    invocation,
    step,
    wait,
    context,
    callback,
    chained_invoke
  };
  enum class Role : std::uint8_t { unknown, started, succeeded, failed, ended };

  Of of = Of::unknown;
  Role role = Role::unknown;
};

/// Unknown for names that the service does not use. Asked of every event: by size and then once by text.
inline HistoryWord history_word(std::string_view type) {
  using Of = HistoryWord::Of;
  using Role = HistoryWord::Role;
  struct Entry {
    std::string_view type;
    HistoryWord word;
  };
  static constexpr Entry kWords[] = {
      {"StepStarted", {Of::step, Role::started}},
      {"StepSucceeded", {Of::step, Role::succeeded}},
      {"StepFailed", {Of::step, Role::failed}},
      {"WaitStarted", {Of::wait, Role::started}},
      {"WaitSucceeded", {Of::wait, Role::succeeded}},
      {"WaitCancelled", {Of::wait, Role::ended}},
      {"InvocationCompleted", {Of::invocation, Role::ended}},
      {"ExecutionStarted", {Of::execution, Role::started}},
      {"ExecutionSucceeded", {Of::execution, Role::succeeded}},
      {"ExecutionFailed", {Of::execution, Role::failed}},
      {"ExecutionTimedOut", {Of::execution, Role::ended}},
      {"ExecutionStopped", {Of::execution, Role::ended}},
      {"ContextStarted", {Of::context, Role::started}},
      {"ContextSucceeded", {Of::context, Role::succeeded}},
      {"ContextFailed", {Of::context, Role::failed}},
      {"CallbackStarted", {Of::callback, Role::started}},
      {"CallbackSucceeded", {Of::callback, Role::succeeded}},
      {"CallbackFailed", {Of::callback, Role::failed}},
      {"CallbackTimedOut", {Of::callback, Role::ended}},
      {"ChainedInvokeStarted", {Of::chained_invoke, Role::started}},
      {"ChainedInvokeSucceeded", {Of::chained_invoke, Role::succeeded}},
      {"ChainedInvokeFailed", {Of::chained_invoke, Role::failed}},
      {"ChainedInvokeTimedOut", {Of::chained_invoke, Role::ended}},
      {"ChainedInvokeStopped", {Of::chained_invoke, Role::ended}}};
  for (const Entry& entry : kWords) {
    if (entry.type == type) return entry.word;
  }
  return {};
}

}  // namespace durasim::oracle
