#pragma once

#include <cstdint>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>

#include <durasim/oracles.hpp>

/// The phrases that findings are made of.
namespace durasim::oracle {

/// "step", "wait".
std::string_view word(durable::OperationType type);

/// step "charge" (operation 2)
std::string named(durable::OperationType type, std::string_view name, durable::OperationPath path);

/// payment.cpp:12, without the directories.
std::string place(const std::source_location& where);
std::string place(std::string_view file, std::uint32_t line);

/// SUCCEEDED with 5
std::string ending(std::string_view status, const durable::Text& result,
                   const durable::ErrorPtr& error);

/// Both texts, shortened where they are long so that the first difference stays visible.
std::pair<std::string, std::string> told_apart(std::string_view a, std::string_view b);

/// A finding about the operation of `event`, called `name`, at the place of `event`.
Finding concerning(Oracle oracle, const TraceEvent& event, std::string_view name);

/// What a finding says whose cause cannot be in user code.
inline constexpr std::string_view kDefectOfTheSdk =
    "no handler can cause this: report it as a defect of the SDK, with the schedule";

}  // namespace durasim::oracle
