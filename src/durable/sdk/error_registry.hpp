#pragma once

#include <optional>
#include <string>

#include <durable/error_registry.hpp>

namespace durable {

/// What is recorded of the exception being handled; nothing if its type is not registered.
/// Errors:  SerDesError if its data does not convert.
std::optional<ErrorObject> registered_error();

/// Throws what was recorded, as the type that is registered for it, if there is one.
/// Errors:  SerDesError if its data does not convert back.
void throw_as_registered(const ErrorObject& recorded, const StepError& cause);

}  // namespace durable
