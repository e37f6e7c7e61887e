#pragma once

#include <string>
#include <string_view>
#include <type_traits>

#include <durable/context.hpp>
#include <durable/detail/readable.hpp>
#include <durable/serdes.hpp>

namespace durable::detail {

/// Text that is not held in a std::string is sent as one.
template <class Payload>
inline constexpr bool kIsText = (std::is_array_v<Payload> || std::is_pointer_v<Payload> ||
                                 std::is_same_v<Payload, std::string_view>) &&
                                std::is_convertible_v<const Payload&, std::string_view>;
template <class Payload>
decltype(auto) sent(const Payload& payload) {
  if constexpr (kIsText<Payload>) {
    return std::string(std::string_view(payload));
  } else {
    return (payload);
  }
}

/// Says whose value could not be converted. `what` is "the payload of invoke".
[[noreturn]] void unconvertible(const char* what, const Name& name, const SerDesError& error);

/// The plain JSON of an input.
template <class Value>
Text plain_json(const char* what, const Name& name, const Value& value) {
  try {
    return Text(serialize<Value>(value));
  } catch (const SerDesError& error) {
    unconvertible(what, name, error);
  }
}

}  // namespace durable::detail

namespace durable {

template <class Result, class Payload>
Result Context::invoke(const Name& name, std::string_view function, const Payload& payload,
                       const InvokeConfig& config) {
  using Sent = std::conditional_t<detail::kIsText<Payload>, std::string, Payload>;
  constexpr bool kSendable = detail::kIsReadable<Sent>;
  static_assert(kSendable,
                "durable: the payload of an invoke has no JSON conversion: add "
                "NLOHMANN_DEFINE_TYPE_INTRUSIVE to it, or give it to_json and from_json");
  static_assert(detail::kIsReadable<Result>,
                "durable: the result of an invoke must be a value with a JSON conversion, or void: "
                "not a pointer, reference or view");
  if constexpr (!kSendable || !detail::kIsReadable<Result>) {
    return detail::unreadable_type<Result>();
  } else {
    const Text result = run_invoke(
        name, function,
        detail::plain_json<Sent>("the payload of invoke", name, detail::sent(payload)), config);
    if constexpr (!std::is_void_v<Result>) {
      try {
        if (config.result_serdes && result.present())
          return detail::converted<Result>(read_step(name, *config.result_serdes, result), {});
        return deserialize<Result>(result.present() ? result.view() : "null");
      } catch (const SerDesError& error) {
        detail::unconvertible("the result of invoke", name, error);
      }
    }
  }
}

}  // namespace durable
