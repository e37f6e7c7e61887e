#pragma once

#include <type_traits>

#include <durable/serdes.hpp>

namespace durable::detail {

/// A type that something recorded can be given to the handler as.
template <class T>
inline constexpr bool kIsOwned = !std::is_pointer_v<T> && !std::is_reference_v<T> && !kHoldsView<T>;

template <class T>
constexpr bool is_readable() {
  if constexpr (std::is_void_v<T>) {
    return true;
  } else if constexpr (kIsOwned<T>) {
    return Serializable<T>;
  } else {
    return false;
  }
}
template <class T>
inline constexpr bool kIsReadable = is_readable<T>();

template <class T>
T unreadable_type();  // never defined

}  // namespace durable::detail
