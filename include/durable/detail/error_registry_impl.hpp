#pragma once

#include <exception>

#include <nlohmann/json.hpp>

#include <durable/error_registry.hpp>
#include <durable/serdes.hpp>

namespace durable::detail {

template <class E>
concept HasErrorData = requires(nlohmann::json& json, const E& written, E& read) {
  json = nlohmann::json(written);
  std::as_const(json).get_to(read);
};

template <class E>
bool describe_error(ErrorObject& error) {
  try {
    throw;
  } catch (const E& thrown) {
    if constexpr (HasErrorData<E>) error.data = dump(nlohmann::json(thrown));
    if constexpr (std::is_base_of_v<std::exception, E>) {
      error.message = valid_utf8(thrown.what());
    } else {
      error.message = error.data;
    }
    return true;
  } catch (...) {
    return false;
  }
}

template <class E>
E made_again(const ErrorObject& recorded) {
  if constexpr (!HasErrorData<E>) {
    return E(recorded.message);
  } else {
    const nlohmann::json data = parse(recorded.data);
    try {
      if constexpr (std::is_constructible_v<E, const std::string&>) {
        E error(recorded.message);
        data.get_to(error);
        return error;
      } else {
        return data.get<E>();
      }
    } catch (const nlohmann::json::exception& exception) {
      conversion_failed(recorded.data, exception.what());
    }
  }
}

template <class E>
[[noreturn]] void rethrow_error(const ErrorObject& recorded, const std::exception_ptr& cause) {
  E error = made_again<E>(recorded);
  try {
    std::rethrow_exception(cause);
  } catch (...) {
    std::throw_with_nested(std::move(error));
  }
}

}  // namespace durable::detail

namespace durable {

template <class E>
bool register_error(std::string_view name) {
  static_assert(
      std::is_class_v<E> && !std::is_final_v<E>,
      "durable: a registered error is a class that is not final, because it is thrown with "
      "the StepError nested in it");
  static_assert(!std::is_base_of_v<Error, E>,
                "durable: the SDK's own errors are not registered; derive yours from "
                "std::runtime_error");
  constexpr bool has_message =
      std::is_base_of_v<std::exception, E> && std::is_constructible_v<E, const std::string&>;
  constexpr bool has_data =
      detail::HasErrorData<E> &&
      (std::is_default_constructible_v<E> || std::is_constructible_v<E, const std::string&>);
  static_assert(has_message || has_data,
                "durable: a registered error is made again from its record: give it a JSON "
                "conversion, or derive it from std::exception with a constructor from std::string");
  if constexpr (std::is_class_v<E> && !std::is_final_v<E> && (has_message || has_data)) {
    detail::ErrorCodec codec;
    codec.type = &typeid(E);
    codec.describe = &detail::describe_error<E>;
    codec.rethrow = &detail::rethrow_error<E>;
    detail::register_error(name, codec);
  }
  return true;
}

template <class E>
std::string error_type() {
  return detail::recorded_type(typeid(E));
}

}  // namespace durable
