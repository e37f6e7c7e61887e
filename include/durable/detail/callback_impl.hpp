#pragma once

#include <string>
#include <type_traits>

#include <durable/callback.hpp>
#include <durable/context.hpp>
#include <durable/detail/readable.hpp>
#include <durable/serdes.hpp>

namespace durable {

template <class T>
T Callback<T>::get() const {
  if constexpr (!detail::kIsReadable<T>) {
    return detail::unreadable_type<T>();
  } else if constexpr (std::is_void_v<T>) {
    handle_.wait();
  } else {
    const Text sent = handle_.wait();
    if constexpr (std::is_same_v<T, std::string>) {
      if (handle_.serdes() == nullptr || !sent.present()) return sent.str();
    }
    try {
      if (handle_.serdes() != nullptr && sent.present())
        return detail::converted<T>(handle_.read(sent), {});
      return deserialize<T>(sent.present() ? sent.view() : "null");
    } catch (const SerDesError& error) {
      handle_.unreadable(error);
    }
  }
}

template <class T>
Callback<T> Context::create_callback(const Name& name, const CallbackConfig& config) {
  static_assert(!detail::kIsOwned<T> || detail::kIsReadable<T>,
                "durable: this type has no JSON conversion: add NLOHMANN_DEFINE_TYPE_INTRUSIVE to "
                "it, or give it to_json and from_json");
  static_assert(detail::kIsOwned<T>,
                "durable: a callback's result must be a value, not a pointer, reference or view, "
                "because it outlives the process that it was sent to");
  return Callback<T>(make_callback(name, config));
}

}  // namespace durable
