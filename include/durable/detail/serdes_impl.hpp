#pragma once

#include <chrono>
#include <cstddef>
#include <limits>
#include <optional>
#include <tuple>
#include <utility>

#include <nlohmann/json.hpp>

#include <durable/serdes.hpp>

namespace durable::detail {

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

template <class T>
inline constexpr bool kIsDuration = false;
template <class Representation, class Period>
inline constexpr bool kIsDuration<std::chrono::duration<Representation, Period>> = true;

template <class T>
inline constexpr bool kIsTimePoint = false;
template <class Clock, class Span>
inline constexpr bool kIsTimePoint<std::chrono::time_point<Clock, Span>> = true;

/// Refers to characters or elements that something else has to keep alive.
template <class T>
inline constexpr bool kIsView = std::is_same_v<T, std::string_view> || requires {
  typename T::element_type;
  T::extent;
};

/// Is a view, or a container, pair or tuple with views in it.
template <class T>
inline constexpr bool kHoldsView = [] {
  if constexpr (kIsView<T>) {
    return true;
  } else if constexpr (requires { typename T::value_type; }) {
    if constexpr (!std::is_same_v<typename T::value_type, T>)
      return kHoldsView<typename T::value_type>;
  }
  return false;
}();
template <class T>
inline constexpr bool kHoldsView<const T> = kHoldsView<T>;
template <class... Parts>
inline constexpr bool kHoldsView<std::tuple<Parts...>> = (kHoldsView<Parts> || ...);
template <class First, class Second>
inline constexpr bool kHoldsView<std::pair<First, Second>> =
    kHoldsView<First> || kHoldsView<Second>;

template <class T>
concept JsonConvertible =
    requires(nlohmann::json& json, const nlohmann::json& input, const T& value) {
      json = nlohmann::json(value);
      { input.template get<T>() } -> std::same_as<T>;
    };

// What the JSON library does not convert as a whole is converted part by part. std::optional and
// std::chrono are converted here and not by specialising the library's templates, which a user's
// program may do as well.

template <class T>
concept MapLike = requires {
  typename T::key_type;
  typename T::mapped_type;
};
/// With one value for each text.
template <class T>
concept ObjectLike = MapLike<T> && std::is_constructible_v<std::string, typename T::key_type> &&
                     requires(const T& map, const typename T::key_type& key) { map.at(key); };
template <class T>
concept ListLike = !MapLike<T> && requires(T& list, typename T::value_type& element) {
  requires !std::is_same_v<typename T::value_type, T>;
  list.insert(list.end(), std::move(element));
};
template <class T>
concept TupleLike = requires { std::tuple_size<T>::value; };

template <class T>
constexpr bool is_serializable() {
  if constexpr (kIsDuration<T> || kIsTimePoint<T> || JsonConvertible<T>) {
    return true;
  } else if constexpr (kIsOptional<T> || ListLike<T>) {
    return is_serializable<typename T::value_type>();
  } else if constexpr (MapLike<T>) {
    return is_serializable<typename T::key_type>() && is_serializable<typename T::mapped_type>();
  } else if constexpr (TupleLike<T>) {
    return []<std::size_t... I>(std::index_sequence<I...>) {
      return (is_serializable<std::remove_cv_t<std::tuple_element_t<I, T>>>() && ...);
    }(std::make_index_sequence<std::tuple_size_v<T>>());
  } else {
    return false;
  }
}
template <class T>
concept Serializable = is_serializable<T>();

template <class T>
nlohmann::json to_json_value(const T& value) {
  if constexpr (JsonConvertible<T>) {
    return nlohmann::json(value);
  } else if constexpr (kIsOptional<T>) {
    return value ? to_json_value(*value) : nlohmann::json(nullptr);
  } else if constexpr (kIsDuration<T>) {
    return nlohmann::json(value.count());
  } else if constexpr (kIsTimePoint<T>) {
    return nlohmann::json(value.time_since_epoch().count());
  } else if constexpr (ObjectLike<T>) {
    nlohmann::json object = nlohmann::json::object();
    for (const auto& [key, mapped] : value) object[std::string(key)] = to_json_value(mapped);
    return object;
  } else if constexpr (TupleLike<T>) {
    nlohmann::json array = nlohmann::json::array();
    std::apply([&](const auto&... parts) { (array.push_back(to_json_value(parts)), ...); }, value);
    return array;
  } else {
    nlohmann::json array = nlohmann::json::array();
    for (const auto& element : value) array.push_back(to_json_value(element));
    return array;
  }
}

template <class T>
T from_json_value(const nlohmann::json& value) {
  if constexpr (JsonConvertible<T>) {
    return value.get<T>();
  } else if constexpr (kIsOptional<T>) {
    if (value.is_null()) return std::nullopt;
    return from_json_value<typename T::value_type>(value);
  } else if constexpr (kIsDuration<T>) {
    return T(value.get<typename T::rep>());
  } else if constexpr (kIsTimePoint<T>) {
    return T(typename T::duration(value.get<typename T::rep>()));
  } else if constexpr (ObjectLike<T>) {
    T map;
    check_object(value);
    for (auto item = value.begin(); item != value.end(); ++item)
      map.emplace(item.key(), from_json_value<typename T::mapped_type>(*item));
    return map;
  } else if constexpr (MapLike<T>) {
    T map;
    for (const nlohmann::json& item : checked_array(value))
      map.insert(from_json_value<std::pair<typename T::key_type, typename T::mapped_type>>(item));
    return map;
  } else if constexpr (TupleLike<T>) {
    checked_array(value, std::tuple_size_v<T>);
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return T{from_json_value<std::remove_cv_t<std::tuple_element_t<I, T>>>(value[I])...};
    }(std::make_index_sequence<std::tuple_size_v<T>>());
  } else {
    T list;
    for (const nlohmann::json& item : checked_array(value))
      list.insert(list.end(), from_json_value<typename T::value_type>(item));
    return list;
  }
}

/// For DURABLE_JSON: an optional member may be absent.
template <class T>
void read_member(const nlohmann::json& object, const char* name, T& member) {
  static_assert(Serializable<T>, "durable: a member given to DURABLE_JSON has no JSON conversion");
  if constexpr (kIsOptional<T>) {
    if (object.is_object() && !object.contains(name)) return member.reset();
  }
  member = from_json_value<T>(object.at(name));
}

/// Errors:  SerDesError, which quotes `text`, for JSON that is not that of a T.
template <class T>
T converted(const nlohmann::json& value, std::string_view text) {
  try {
    T result = from_json_value<T>(value);
    check_integers(value, to_json_value(result));
    return result;
  } catch (const nlohmann::json::exception& exception) {
    conversion_failed(text, exception.what());
  }
}

}  // namespace durable::detail

namespace durable {

template <class T>
std::string serialize(const T& value) {
  static_assert(
      detail::Serializable<T>,
      "durable: this type has no JSON conversion: add NLOHMANN_DEFINE_TYPE_INTRUSIVE to it, "
      "or give it to_json and from_json");
  if constexpr (std::is_same_v<T, bool>) {
    return value ? "true" : "false";
  } else if constexpr (std::is_integral_v<T> && std::is_signed_v<T>) {
    return detail::serialize_integer(value);
  } else if constexpr (std::is_integral_v<T>) {
    return detail::serialize_unsigned(value);
  } else if constexpr (std::is_same_v<T, std::string>) {
    return detail::serialize_string(value);
  } else if constexpr (detail::Serializable<T>) {
    return detail::dump(detail::to_json_value(value));
  } else {
    return {};  // unreachable: keeps the compiler from a second message
  }
}

template <class T>
T deserialize(std::string_view text) {
  static_assert(
      detail::Serializable<T>,
      "durable: this type has no JSON conversion: add NLOHMANN_DEFINE_TYPE_INTRUSIVE to it, "
      "or give it to_json and from_json");
  static_assert(
      !detail::kHoldsView<T>,
      "durable: a recorded value cannot be read as a view, because nothing keeps alive what it "
      "refers to: use std::string or a container");
  if constexpr (std::is_same_v<T, bool>) {
    return detail::parse_boolean(text);
  } else if constexpr (std::is_integral_v<T> && std::is_signed_v<T>) {
    return static_cast<T>(
        detail::parse_integer(text, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
  } else if constexpr (std::is_integral_v<T>) {
    return static_cast<T>(detail::parse_unsigned(text, std::numeric_limits<T>::max()));
  } else if constexpr (std::is_same_v<T, std::string>) {
    return detail::parse_string(text);
  } else if constexpr (detail::Serializable<T>) {
    return detail::converted<T>(detail::parse(text), text);
  } else {
    return T{};  // unreachable: keeps the compiler from a second message
  }
}

}  // namespace durable
