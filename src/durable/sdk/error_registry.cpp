#include "durable/sdk/error_registry.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cxxabi.h>
#include <deque>
#include <memory>
#include <mutex>
#include <shared_mutex>

#include <fmt/format.h>

#include "durable/sdk/engine.hpp"

namespace durable {
namespace {

struct Entry {
  std::string name;
  detail::ErrorCodec codec;
};

/// Entries stay where they are and are never taken out.
struct Registry {
  std::shared_mutex mutex;
  std::deque<Entry> entries;
};

/// Never destroyed: errors may be recorded while the process ends.
Registry& registry() {
  static Registry& registry = *new Registry;
  return registry;
}

/// What the SDK records for errors of its own.
constexpr std::array kReserved = {std::string_view("StepError"),
                                  std::string_view("ChildContextError"),
                                  std::string_view("InvokeError"),
                                  std::string_view("CallbackExternalError"),
                                  std::string_view("CallbackTimeoutError"),
                                  std::string_view("CallbackSubmitterError"),
                                  std::string_view("WaitForConditionError"),
                                  kStepInterrupted,
                                  std::string_view("SerDesError"),
                                  std::string_view("ValidationError"),
                                  std::string_view("ContextMisuseError"),
                                  kRetryStrategyFailed,
                                  kNonDeterministic};

void check_error_name(std::string_view name) {
  const bool printable = std::ranges::all_of(name, [](char c) { return c > 0x20 && c < 0x7f; });
  if (name.empty() || name.size() > kNameLimit || !printable) {
    throw ValidationError(fmt::format(
        "a registered error's name takes 1 to {} printable ASCII characters without spaces",
        kNameLimit));
  }
  if (std::ranges::find(kReserved, name) != kReserved.end())
    throw ValidationError(fmt::format("\"{}\" is the name of an error of the SDK's own", name));
}

std::string demangled(const std::type_info& type) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> name(
      abi::__cxa_demangle(type.name(), nullptr, nullptr, &status), std::free);
  return status == 0 ? name.get() : type.name();
}

/// What std::throw_with_nested makes of a class in libstdc++.
constexpr std::string_view kNestedPrefix = "std::_Nested_exception<";

/// The class that was thrown, as people write it.
std::string class_name(const std::type_info& thrown) {
  std::string name = demangled(thrown);
  if (!name.starts_with(kNestedPrefix) || !name.ends_with('>')) return name;
  name = name.substr(kNestedPrefix.size(), name.size() - kNestedPrefix.size() - 1);
  if (name.ends_with(' ')) name.pop_back();  // "> >"
  return name;
}

/// nullptr where none of the entries answers.
template <class Predicate>
const Entry* find_entry(Predicate predicate) {
  const std::shared_lock lock(registry().mutex);
  const auto found = std::ranges::find_if(registry().entries, predicate);
  return found == registry().entries.end() ? nullptr : &*found;
}

const Entry* find_entry(const std::type_info& thrown) {
  if (const Entry* exact =
          find_entry([&](const Entry& entry) { return *entry.codec.type == thrown; }))
    return exact;
  const std::string name = class_name(thrown);
  if (name == demangled(thrown)) return nullptr;
  return find_entry([&](const Entry& entry) { return demangled(*entry.codec.type) == name; });
}

}  // namespace

void detail::register_error(std::string_view name, const ErrorCodec& codec) {
  check_error_name(name);
  const std::unique_lock lock(registry().mutex);
  for (const Entry& entry : registry().entries) {
    const bool same_type = *entry.codec.type == *codec.type;
    if (same_type && entry.name == name) return;
    if (!same_type && entry.name != name) continue;
    throw ValidationError(
        fmt::format("{} cannot be registered as \"{}\": {} is registered as \"{}\"",
                    demangled(*codec.type), name, demangled(*entry.codec.type), entry.name));
  }
  registry().entries.push_back({std::string(name), codec});
}

std::string detail::recorded_type(const std::type_info& type) {
  const Entry* const entry = find_entry(type);
  return entry != nullptr ? entry->name : class_name(type);
}

std::string current_exception_type() {
  const std::type_info* const type = abi::__cxa_current_exception_type();
  return type == nullptr ? "unknown" : detail::recorded_type(*type);
}

std::optional<ErrorObject> registered_error() {
  const std::type_info* const type = abi::__cxa_current_exception_type();
  const Entry* const entry = type == nullptr ? nullptr : find_entry(*type);
  if (entry == nullptr) return std::nullopt;
  ErrorObject error{entry->name, ""};
  if (!entry->codec.describe(error)) return std::nullopt;
  return error;
}

const detail::ErrorCodec* registered_codec(std::string_view name) {
  const Entry* const entry =
      find_entry([&](const Entry& candidate) { return candidate.name == name; });
  return entry == nullptr ? nullptr : &entry->codec;
}

}  // namespace durable
