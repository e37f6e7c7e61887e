#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "durasim/sim/world.hpp"

/// The functions of a simulation, and how they are deployed. What runs of plain ones: plain.cpp.
namespace durasim {
namespace {

constexpr std::chrono::seconds kLongestInvocation{900};

void check_timeout(const std::string& function, const char* what, std::optional<Duration> timeout,
                   std::chrono::seconds longest) {
  if (!timeout) return;
  const bool whole = *timeout % std::chrono::seconds(1) == Duration(0);
  if (whole && *timeout >= std::chrono::seconds(1) && *timeout <= longest) return;
  throw std::invalid_argument(
      fmt::format("durasim: the {} of function \"{}\" is a whole number of seconds from 1 to {}, "
                  "not {} ms",
                  what, function, longest.count(), timeout->count()));
}

}  // namespace

void World::publish(std::string name, detail::ErasedFactory factory,
                    const FunctionOptions& options) {
  check_timeout(name, "execution_timeout", options.execution_timeout, durable::kLongestWait);
  check_timeout(name, "invocation_timeout", options.invocation_timeout, kLongestInvocation);
  ++publications_;
  functions_[std::move(name)] = {.factory = std::move(factory),
                                 .execution_timeout = options.execution_timeout,
                                 .invocation_timeout = options.invocation_timeout};
}

Duration World::invocation_timeout(std::uint32_t execution) const {
  return functions_.at(service_.execution(execution).function)
      .invocation_timeout.value_or(options_.service.invocation_timeout);
}

std::string World::published() const {
  std::string names;
  for (const auto& [name, unused] : functions_) names += (names.empty() ? "" : ", ") + name;
  return names.empty() ? "none" : names;
}

}  // namespace durasim
