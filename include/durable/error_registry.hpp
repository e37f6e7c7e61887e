#pragma once

#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <utility>

#include <nlohmann/json_fwd.hpp>

#include <durable/errors.hpp>

/// Error types of the user's that a handler catches as what was thrown, on replay too.
/// Source: docs/reference/errors.md, "Error types of your own"
namespace durable {

/// Records errors of type E under `name`, which is the same for every compiler, and throws the failure
/// of a step or child context that was recorded under it as an E again, on the first run as on every
/// replay. The StepError or ChildContextError is nested in it: std::rethrow_if_nested.
/// Shape:   E is a class that can be derived from. One that converts to and from JSON is made again from
///          that, one that does not from its message: it has a constructor from std::string. One with
///          both is made from its message and then filled. Objects of classes derived from E are not E.
/// Errors:  ValidationError if E has another name already, or `name` another type.
/// Source:  docs/reference/errors.md
template <class E>
bool register_error(std::string_view name);

/// The type that is recorded for errors of type E: its registered name, or else that of the class.
template <class E>
std::string error_type();

namespace detail {

/// What the SDK knows of a registered type.
struct ErrorCodec {
  const std::type_info* type = nullptr;
  /// Message and data of the exception being handled, if it is of this type.
  bool (*describe)(ErrorObject& error) = nullptr;
  /// Throws the error made again from its record, with `cause` nested in it.
  void (*rethrow)(const ErrorObject& recorded, const std::exception_ptr& cause) = nullptr;
};

void register_error(std::string_view name, const ErrorCodec& codec);
std::string recorded_type(const std::type_info& type);

}  // namespace detail
}  // namespace durable

#include <durable/detail/error_registry_impl.hpp>  // IWYU pragma: keep
