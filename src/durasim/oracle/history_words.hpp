#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

/// The names of history events, taken apart: "StepStarted" is of a step, which started.
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

/// Unknown for names that the service does not use.
inline HistoryWord history_word(std::string_view type) {
  using Of = HistoryWord::Of;
  using Role = HistoryWord::Role;
  static constexpr std::array<std::pair<std::string_view, Of>, 7> kOf = {
      {{"Step", Of::step},
       {"Wait", Of::wait},
       {"Invocation", Of::invocation},
       {"Execution", Of::execution},
       {"Context", Of::context},
       {"Callback", Of::callback},
       {"ChainedInvoke", Of::chained_invoke}}};
  static constexpr std::array<std::pair<std::string_view, Role>, 7> kRoles = {
      {{"Started", Role::started},
       {"Succeeded", Role::succeeded},
       {"Failed", Role::failed},
       {"Completed", Role::ended},
       {"TimedOut", Role::ended},
       {"Cancelled", Role::ended},
       {"Stopped", Role::ended}}};
  for (const auto& [name, of] : kOf) {
    if (!type.starts_with(name)) continue;
    const std::string_view rest = type.substr(name.size());
    for (const auto& [role_name, role] : kRoles) {
      if (rest == role_name) return {of, role};
    }
  }
  return {};
}

}  // namespace durasim::oracle
