#pragma once

#include <exception>
#include <optional>
#include <string>
#include <string_view>

#include <durable/error_registry.hpp>

namespace durable {

/// What is recorded of the exception being handled; nothing if its type is not registered.
/// Errors:  SerDesError if its data does not convert.
std::optional<ErrorObject> registered_error();

/// nullptr where no type is registered under that name.
const detail::ErrorCodec* registered_codec(std::string_view name);

/// Throws what was recorded, as the type that is registered for it, if there is one.
/// Errors:  SerDesError if its data does not convert back.
template <class Cause>
void throw_as_registered(const ErrorObject& recorded, const Cause& cause) {
  if (const detail::ErrorCodec* const codec = registered_codec(recorded.type))
    codec->rethrow(recorded, std::make_exception_ptr(cause));
}

}  // namespace durable
